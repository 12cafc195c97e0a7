"""What people do with single envelopes: resolve an unknown call, and cancel an envelope that has not run."""

from dataclasses import replace
from typing import cast
from uuid import UUID, uuid4

import pytest

from services.audit_log import AuditLogger
from services.envelope import Actor, ActorType, Envelope, Status
from services.errors import InvalidInput, NotFound, StateConflict
from services.outbox import Disposition, Outbox, Resolution
from tests.builders import AGENT, operator
from tests.clock import FakeClock
from tests.contract.builders import a_dead_letter, close, events, ids, in_order, put, put_one, run_one, take, take_one


@pytest.mark.parametrize(("decision", "status"), [("success", Status.SUCCESS), ("retry", Status.PENDING)])
async def test_a_person_resolves_an_unknown_envelope(
    *, outbox: Outbox, audit_log: AuditLogger, tenant: UUID, clock: FakeClock, decision: Resolution, status: Status
) -> None:
    unknown = await _unanswered(outbox, tenant)
    clock.advance(minutes=1)

    resolved = await outbox.resolve(tenant, unknown.id, decision=decision, actor=operator("olga"), reason="asked them")

    again = status is Status.PENDING
    assert resolved == replace(
        unknown, status=status, next_run_at=clock() if again else unknown.next_run_at, updated_at=clock()
    )
    assert await outbox.get(tenant, unknown.id) == resolved
    assert ids(await take(outbox)) == ([unknown.id] if again else [])
    [row] = await audit_log.tail(tenant, limit=1)
    assert (row.entry.category, row.entry.actor) == ("envelope.resolved", Actor(type=ActorType.OPERATOR, id="olga"))
    assert row.entry.payload == {
        "envelope_id": str(unknown.id), "external_id": unknown.external_id, "tool_slug": unknown.tool_slug,
        "status": status.value, "reason": "asked them",
    }  # fmt: skip


@pytest.mark.parametrize(("reason", "last_error"), [("it broke", "it broke"), (None, "no answer")])
async def test_a_person_resolves_an_unknown_envelope_as_failed(
    *, outbox: Outbox, audit_log: AuditLogger, tenant: UUID, clock: FakeClock, reason: str | None, last_error: str
) -> None:
    unknown = await _unanswered(outbox, tenant)
    clock.advance(minutes=1)

    dead = await outbox.resolve(tenant, unknown.id, decision=Resolution.FAILED, actor=operator("olga"), reason=reason)

    assert dead == replace(
        unknown, status=Status.FAILED, last_error=last_error, next_run_at=None, updated_at=clock(), moved_at=clock(),
        doubtful=True,
    )  # fmt: skip
    assert await outbox.list_dead_letters(tenant, limit=10) == [dead]
    assert await events(audit_log, tenant) == ["proposed", "unknown", "resolved"]


@pytest.mark.parametrize("decision", [Resolution.SUCCESS, Resolution.FAILED])
async def test_resolving_frees_the_next_envelope_of_the_ordering_key(
    outbox: Outbox, tenant: UUID, decision: Resolution
) -> None:
    first, second = await put(outbox, in_order(tenant, "a"), in_order(tenant, "a"))
    await run_one(outbox, Disposition.UNKNOWN, error="no answer")
    assert await take(outbox) == []

    await outbox.resolve(tenant, first.id, decision=decision, actor=operator("olga"), reason=None)

    assert ids(await take(outbox)) == [second.id]


async def test_only_an_unknown_envelope_can_be_resolved(outbox: Outbox, tenant: UUID, other_tenant: UUID) -> None:
    pending = await put_one(outbox, tenant)
    with pytest.raises(StateConflict):
        await outbox.resolve(tenant, pending.id, decision=Resolution.SUCCESS, actor=operator("olga"), reason=None)

    unknown = await run_one(outbox, Disposition.UNKNOWN, error="no answer")
    with pytest.raises(NotFound):
        await outbox.resolve(other_tenant, unknown.id, decision=Resolution.SUCCESS, actor=operator("olga"), reason=None)
    with pytest.raises(NotFound):
        await outbox.resolve(tenant, uuid4(), decision=Resolution.SUCCESS, actor=operator("olga"), reason=None)
    with pytest.raises(InvalidInput) as raised:
        await outbox.resolve(
            tenant, unknown.id, decision=cast("Resolution", "cancelled"), actor=operator("olga"), reason=None
        )
    assert raised.value.field == "decision"
    assert await outbox.get(tenant, unknown.id) == unknown


async def test_a_pending_envelope_can_be_cancelled(
    outbox: Outbox, audit_log: AuditLogger, tenant: UUID, clock: FakeClock
) -> None:
    envelope = await put_one(outbox, tenant)
    clock.advance(minutes=1)

    cancelled = await outbox.cancel(tenant, envelope.id, actor=AGENT, reason="not needed")

    assert cancelled == replace(envelope, status=Status.CANCELLED, updated_at=clock())
    assert await outbox.get(tenant, envelope.id) == cancelled
    assert await take(outbox) == []
    [row] = await audit_log.tail(tenant, limit=1)
    assert (row.entry.category, row.entry.actor) == ("envelope.cancelled", AGENT)
    assert row.entry.payload == {
        "envelope_id": str(envelope.id), "external_id": envelope.external_id, "tool_slug": envelope.tool_slug,
        "status": "cancelled", "reason": "not needed",
    }  # fmt: skip


async def test_an_envelope_in_flight_cannot_be_cancelled(outbox: Outbox, tenant: UUID, clock: FakeClock) -> None:
    envelope = await put_one(outbox, tenant)
    claimed = await take_one(outbox)
    clock.advance(minutes=5)  # the lease has expired, but the call may have been sent

    with pytest.raises(StateConflict):
        await outbox.cancel(tenant, envelope.id, actor=AGENT, reason=None)

    await close(outbox, claimed, Disposition.RELEASE)
    await outbox.cancel(tenant, envelope.id, actor=AGENT, reason=None)


async def test_a_waiting_envelope_of_a_leased_lane_can_be_cancelled(outbox: Outbox, tenant: UUID) -> None:
    await put_one(outbox, tenant)
    await take_one(outbox)
    waiting = await put_one(outbox, tenant)

    assert (await outbox.cancel(tenant, waiting.id, actor=AGENT, reason=None)).status is Status.CANCELLED


@pytest.mark.parametrize("ending", [Disposition.SUCCESS, Disposition.CONFLICT, Disposition.UNKNOWN])
async def test_an_executed_envelope_cannot_be_cancelled(outbox: Outbox, tenant: UUID, ending: Disposition) -> None:
    await put_one(outbox, tenant)
    over = await run_one(outbox, ending)

    with pytest.raises(StateConflict):
        await outbox.cancel(tenant, over.id, actor=AGENT, reason=None)
    assert await outbox.get(tenant, over.id) == over


async def test_cancelling_twice_is_a_conflict(outbox: Outbox, tenant: UUID) -> None:
    envelope = await put_one(outbox, tenant)
    await outbox.cancel(tenant, envelope.id, actor=AGENT, reason=None)

    with pytest.raises(StateConflict):
        await outbox.cancel(tenant, envelope.id, actor=AGENT, reason=None)


async def test_an_envelope_outside_the_tenants_outbox_cannot_be_cancelled(
    outbox: Outbox, tenant: UUID, other_tenant: UUID
) -> None:
    dead = await a_dead_letter(outbox, tenant)
    envelope = await put_one(outbox, tenant)

    for owner, unknown in [(other_tenant, envelope.id), (tenant, uuid4()), (tenant, dead.id)]:
        with pytest.raises(NotFound):
            await outbox.cancel(owner, unknown, actor=AGENT, reason=None)
    assert await outbox.get(tenant, envelope.id) == envelope


async def _unanswered(outbox: Outbox, tenant: UUID) -> Envelope:
    await put_one(outbox, tenant)
    return await run_one(outbox, Disposition.UNKNOWN, error="no answer")
