"""Settlements: the row and the audit row of each disposition, and what a worker may not settle."""

from dataclasses import replace
from datetime import timedelta
from hashlib import sha256
from typing import Any
from uuid import UUID

import psycopg
import pytest

from services.audit_log import AuditEntry, AuditLogger
from services.envelope import Actor, ActorType, Envelope, Status
from services.errors import InvalidInput
from services.outbox import Disposition, Outbox, UnsettledEnvelopes
from tests.builders import MINUTE, NOW
from tests.clock import FakeClock
from tests.contract.builders import (
    WORKER,
    a_proposal,
    asking,
    close,
    events,
    ids,
    put,
    put_one,
    settled,
    take,
    take_one,
)

SAID = ({"guardrail": "trust", "decision": "allow", "reason": "trusted"},)
LATER = NOW + timedelta(minutes=7, milliseconds=500)

DISPOSITIONS: list[tuple[Disposition, dict[str, Any], dict[str, Any], dict[str, Any]]] = [
    (
        Disposition.SUCCESS,
        {"result": {"b": 1.0, "aa": [True]}, "verdicts": SAID},
        {"status": Status.SUCCESS, "attempts": 2, "last_error": None, "result": {"b": 1.0, "aa": [True]}},
        {"attempts": 2, "result_sha256": sha256(b'{"b": 1.0, "aa": [true]}').hexdigest()},
    ),
    (
        Disposition.CONFLICT,
        {"error": "exists"},
        {"status": Status.CONFLICT, "attempts": 2, "last_error": "exists"},
        {"attempts": 2, "error": "exists"},
    ),
    (
        Disposition.UNKNOWN,
        {"error": "no answer"},
        {"status": Status.UNKNOWN, "attempts": 2, "last_error": "no answer"},
        {"attempts": 2, "error": "no answer"},
    ),
    (
        Disposition.RETRY,
        {"error": "still busy", "next_run_at": LATER},
        {"attempts": 2, "last_error": "still busy", "next_run_at": LATER},
        {"attempts": 2, "error": "still busy", "next_run_at": "2026-11-23T12:07:00.5+00:00"},
    ),
    (
        Disposition.HOLD,
        {"reason": "quiet hours", "next_run_at": LATER, "verdicts": SAID},
        {"attempts": 1, "last_error": "busy", "next_run_at": LATER, "verdicts": SAID},
        {"attempts": 1, "reason": "quiet hours", "next_run_at": "2026-11-23T12:07:00.5+00:00"},
    ),
    (
        Disposition.HOLD,
        {"error": "blocked", "reason": "tool: blocked", "next_run_at": LATER},
        {"attempts": 1, "last_error": "blocked", "next_run_at": LATER},
        {"attempts": 1, "error": "blocked", "reason": "tool: blocked", "next_run_at": "2026-11-23T12:07:00.5+00:00"},
    ),
    (
        Disposition.AWAITING_APPROVAL,
        {"reason": "low trust", "digest": "d1", "expires_at": LATER, "verdicts": SAID},
        {"status": Status.AWAITING_APPROVAL, "attempts": 1, "last_error": "busy", "verdicts": SAID},
        {"attempts": 1, "reason": "low trust", "digest": "d1"},
    ),
]


@pytest.mark.parametrize(("to", "detail", "becomes", "payload"), DISPOSITIONS, ids=lambda value: str(value)[:20])
async def test_a_settlement_writes_the_envelope_and_its_reason(
    *,
    outbox: Outbox,
    audit_log: AuditLogger,
    tenant: UUID,
    clock: FakeClock,
    to: Disposition,
    detail: dict[str, Any],
    becomes: dict[str, Any],
    payload: dict[str, Any],
) -> None:
    before = await _tried_once(outbox, tenant, clock)
    claimed = await take_one(outbox)

    await close(outbox, claimed, to, **detail)

    after = replace(before, updated_at=clock(), **{"verdicts": detail.get("verdicts", ()), **becomes})
    assert await outbox.get(tenant, before.id) == after
    [row] = await audit_log.tail(tenant, limit=1)
    assert row.created_at == clock()
    assert row.entry == _entry(before, to, payload)


@pytest.mark.parametrize(
    ("to", "detail", "attempts", "last_error"),
    [
        (Disposition.FAILED, {"error": "no such channel"}, 2, "no such channel"),
        (Disposition.DENIED, {"reason": "scope missing", "verdicts": SAID}, 1, "scope missing"),
        (Disposition.FAILED, {}, 2, "failed"),
    ],
)
async def test_failed_and_denied_envelopes_move_to_the_dead_letter_queue(
    *,
    outbox: Outbox,
    audit_log: AuditLogger,
    tenant: UUID,
    clock: FakeClock,
    to: Disposition,
    detail: dict[str, Any],
    attempts: int,
    last_error: str,
) -> None:
    before = await _tried_once(outbox, tenant, clock)
    claimed = await take_one(outbox)

    await close(outbox, claimed, to, **detail)

    dead = replace(
        before, status=Status(to.value), attempts=attempts, last_error=last_error, next_run_at=None,
        verdicts=detail.get("verdicts", ()), updated_at=clock(), moved_at=clock(),
    )  # fmt: skip
    assert await outbox.get(tenant, before.id) == dead
    assert await outbox.list_dead_letters(tenant, limit=10) == [dead]
    assert await outbox.list_envelopes(tenant, status=None, limit=10) == []
    [row] = await audit_log.tail(tenant, limit=1)
    settlement = {name: value for name, value in detail.items() if name != "verdicts"}
    assert row.entry == _entry(before, to, {"attempts": attempts, **settlement})


async def test_a_release_returns_the_envelope_unchanged(
    outbox: Outbox, audit_log: AuditLogger, tenant: UUID, clock: FakeClock
) -> None:
    envelope = await put_one(outbox, tenant)
    clock.advance(seconds=1)
    await close(outbox, await take_one(outbox), Disposition.RELEASE, reason="the worker stops", error="ignored")

    assert await outbox.get(tenant, envelope.id) == envelope
    assert await events(audit_log, tenant) == ["proposed"]
    assert ids(await take(outbox, "other")) == [envelope.id]


async def test_a_repeated_hold_is_audited_once(outbox: Outbox, audit_log: AuditLogger, tenant: UUID) -> None:
    envelope = await put_one(outbox, tenant)
    for repeat in (False, True, True):
        claimed = await take_one(outbox)
        await close(outbox, claimed, Disposition.HOLD, reason="quiet", next_run_at=NOW, repeat=repeat)

    assert await events(audit_log, tenant) == ["proposed", "hold"]
    assert (await outbox.get(tenant, envelope.id)).attempts == 0


async def test_only_a_hold_can_go_unaudited(outbox: Outbox, audit_log: AuditLogger, tenant: UUID) -> None:
    await put_one(outbox, tenant)
    await close(outbox, await take_one(outbox), Disposition.SUCCESS, repeat=True)

    assert await events(audit_log, tenant) == ["proposed", "success"]


async def test_an_invalid_settlement_rolls_back_the_whole_call(
    outbox: Outbox, audit_log: AuditLogger, tenant: UUID
) -> None:
    await put(outbox, a_proposal(tenant), a_proposal(tenant))
    one, two = await take(outbox)

    with pytest.raises(InvalidInput) as raised:
        await outbox.settle(WORKER, [settled(one, Disposition.SUCCESS), asking(two, digest=None)])

    assert raised.value.field == "digest"
    assert await outbox.get(tenant, one.envelope.id) == one.envelope
    assert await events(audit_log, tenant) == ["proposed", "proposed"]
    assert await outbox.settle(WORKER, [settled(one, Disposition.SUCCESS), asking(two)]) == UnsettledEnvelopes()


async def test_audit_rows_have_the_order_of_the_settlements(
    outbox: Outbox, audit_log: AuditLogger, tenant: UUID
) -> None:
    await put(outbox, *[a_proposal(tenant) for _ in range(6)])
    claimed = await take(outbox)
    kinds = [
        Disposition.FAILED, Disposition.SUCCESS, Disposition.DENIED, Disposition.CONFLICT, Disposition.HOLD,
        Disposition.UNKNOWN,
    ]  # fmt: skip

    await outbox.settle(WORKER, [settled(one, kind) for one, kind in zip(claimed, kinds, strict=True)])

    assert (await events(audit_log, tenant))[6:] == [kind.value for kind in kinds]


async def test_a_tenant_without_audit_rows_is_not_busy(
    outbox: Outbox, tenant: UUID, contract_admin: psycopg.Connection
) -> None:
    await put_one(outbox, tenant)
    claimed = await take_one(outbox)
    contract_admin.execute("delete from app_private.audit_heads; delete from public.audit_log")

    assert await outbox.settle(WORKER, [settled(claimed, Disposition.SUCCESS)]) == UnsettledEnvelopes()


async def test_settling_nothing_changes_nothing(outbox: Outbox) -> None:
    assert await outbox.settle(WORKER, []) == UnsettledEnvelopes()


async def test_a_later_settlement_without_a_result_keeps_the_stored_one(outbox: Outbox, tenant: UUID) -> None:
    envelope = await put_one(outbox, tenant)
    await close(outbox, await take_one(outbox), Disposition.RETRY, error="half", result={"half": 1}, next_run_at=NOW)
    await close(outbox, await take_one(outbox), Disposition.CONFLICT)

    settled_one = await outbox.get(tenant, envelope.id)
    assert (settled_one.result, settled_one.last_error) == ({"half": 1}, "half")


async def _tried_once(outbox: Outbox, tenant: UUID, clock: FakeClock) -> Envelope:
    """An envelope that failed once and is due again, a minute after `NOW`."""
    await put_one(outbox, tenant, external_id="k1")
    await close(outbox, await take_one(outbox), Disposition.RETRY, error="busy", next_run_at=NOW + MINUTE)
    clock.advance(minutes=1)
    [envelope] = await outbox.list_envelopes(tenant, status=None, limit=2)
    assert (envelope.attempts, envelope.last_error) == (1, "busy")
    return envelope


def _entry(envelope: Envelope, to: Disposition, payload: dict[str, Any]) -> AuditEntry:
    return AuditEntry(
        tenant_id=envelope.tenant_id,
        actor=Actor(type=ActorType.WORKER, id=WORKER),
        category=f"envelope.{to}",
        payload={
            "envelope_id": str(envelope.id), "external_id": "k1", "tool_slug": envelope.tool_slug, **payload,
        },
    )  # fmt: skip
