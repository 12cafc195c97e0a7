"""An envelope with a deadline is executed before it or expires."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest

from services.approvals import ApprovalDecision, Approvals
from services.audit_log import AuditLogger
from services.backends import Backends
from services.envelope import Status
from services.errors import InvalidInput, StateConflict
from services.outbox import Disposition, Outbox
from services.propose import propose
from services.tenants import Tenant
from tests.builders import AGENT, CLOCK, MINUTE, NOW, a_tool, operator
from tests.clock import FakeClock
from tests.contract.builders import (
    WORKER,
    a_dead_letter,
    asking,
    close,
    in_order,
    put,
    put_one,
    run_one,
    take,
    take_one,
)

SOON = NOW + timedelta(minutes=10)
ORDER = {"tool_slug": "ORDERS__create", "external_id": "order-1"}
ENDED = {Disposition.SUCCESS, Disposition.CONFLICT, Disposition.UNKNOWN, Disposition.FAILED, Disposition.DENIED}


async def last_row(audit_log: AuditLogger, tenant: UUID) -> tuple[str, str, object]:
    [row] = await audit_log.tail(tenant, limit=1)
    return row.entry.category, row.entry.actor.type, row.entry.payload.get("reason")


async def test_an_envelope_keeps_its_deadline_in_every_state(outbox: Outbox, tenant: UUID) -> None:
    [enqueued] = await put(outbox, in_order(tenant, "a", must_run_before=SOON))
    claimed = await take_one(outbox)
    [listed] = await outbox.list_envelopes(tenant, status=None, limit=1)
    await close(outbox, claimed, Disposition.FAILED, error="no such channel")
    [dead] = await outbox.list_dead_letters(tenant, limit=1)
    [back] = await outbox.requeue(tenant=tenant, envelopes=None, limit=1, actor=operator("olga"))
    got = await outbox.get(tenant, back.id)
    assert {e.must_run_before for e in (enqueued, claimed.envelope, listed, dead, back, got)} == {SOON}


@pytest.mark.parametrize(
    "fields",
    [
        {"must_run_before": NOW},
        {"must_run_before": NOW - timedelta(days=400)},
        {"must_run_before": datetime(9999, 1, 1, tzinfo=UTC)},
        {"must_run_before": SOON, "next_run_at": SOON},
        {"must_run_before": SOON, "next_run_at": SOON + MINUTE},
    ],
)
async def test_a_deadline_before_the_earliest_call_is_refused(
    outbox: Outbox, tenant: UUID, fields: dict[str, Any]
) -> None:
    with pytest.raises(InvalidInput, match="must_run_before: must be later than now and than not_before"):
        await put_one(outbox, tenant, **fields)
    assert await outbox.list_envelopes(tenant, status=None, limit=1) == []


async def test_the_same_key_after_its_deadline_is_still_the_same_envelope(
    outbox: Outbox, tenant: UUID, clock: FakeClock
) -> None:
    first = await put_one(outbox, tenant, external_id="k", must_run_before=SOON)
    clock.advance(hours=1)
    assert (await put_one(outbox, tenant, external_id="k", must_run_before=SOON)).id == first.id


async def test_a_waiting_envelope_expires_exactly_at_its_deadline(
    outbox: Outbox, audit_log: AuditLogger, tenant: UUID, clock: FakeClock
) -> None:
    waiting = await put_one(outbox, tenant, next_run_at=NOW + MINUTE, must_run_before=SOON)
    await put_one(outbox, tenant)
    clock.now = SOON - timedelta(microseconds=1)
    assert await outbox.expire(actor=CLOCK) == 0
    clock.now = SOON
    assert (await outbox.expire(actor=CLOCK), await outbox.expire(actor=CLOCK)) == (1, 0)
    assert (await outbox.get(tenant, waiting.id)).status is Status.EXPIRED
    assert await last_row(audit_log, tenant) == ("envelope.expired", "system", "its deadline has passed")
    assert [claimed.envelope.must_run_before for claimed in await take(outbox)] == [None]


async def test_an_open_approval_ends_at_the_deadline(
    outbox: Outbox, approvals: Approvals, audit_log: AuditLogger, tenant: UUID, clock: FakeClock
) -> None:
    await put_one(outbox, tenant, must_run_before=SOON)
    claimed = await take_one(outbox)
    await outbox.settle(WORKER, [asking(claimed)])
    clock.now = SOON
    assert await outbox.expire(actor=CLOCK) == 1
    assert await last_row(audit_log, tenant) == ("envelope.expired", "system", "its deadline has passed")
    assert await approvals.list_open(tenant) == []
    with pytest.raises(StateConflict, match="expired"):
        await approvals.decide(
            tenant, claimed.envelope.id, decision=ApprovalDecision.APPROVED, digest="d1", actor=operator("olga")
        )


async def test_an_approval_that_ended_with_the_deadline_says_so(
    outbox: Outbox, approvals: Approvals, audit_log: AuditLogger, tenant: UUID, clock: FakeClock
) -> None:
    await put_one(outbox, tenant, must_run_before=SOON)
    await outbox.settle(WORKER, [asking(await take_one(outbox), expires_at=SOON)])
    clock.now = SOON
    assert await approvals.expire(actor=CLOCK) == 1
    assert await last_row(audit_log, tenant) == ("envelope.expired", "system", "its deadline has passed")


async def test_an_envelope_in_flight_is_not_expired(
    outbox: Outbox, audit_log: AuditLogger, tenant: UUID, clock: FakeClock
) -> None:
    await put_one(outbox, tenant, must_run_before=NOW + timedelta(seconds=30))
    claimed = await take_one(outbox)
    clock.advance(seconds=30)
    assert await outbox.expire(actor=CLOCK) == 0
    await close(outbox, claimed, Disposition.EXPIRED, reason="its deadline has passed")
    ended = await outbox.get(tenant, claimed.envelope.id)
    assert (ended.status, ended.attempts) == (Status.EXPIRED, 0)
    assert await last_row(audit_log, tenant) == ("envelope.expired", "worker", "its deadline has passed")
    assert await outbox.expire(actor=CLOCK) == 0


async def test_the_next_envelope_of_the_ordering_key_runs_after_an_expiry(
    outbox: Outbox, tenant: UUID, clock: FakeClock
) -> None:
    first, second = await put(
        outbox,
        in_order(tenant, "a", next_run_at=NOW + MINUTE, must_run_before=SOON),
        in_order(tenant, "a"),
    )
    assert await take(outbox) == []
    clock.now = SOON
    assert await outbox.expire(actor=CLOCK) == 1
    due_in = await outbox.due_in(tenant)
    assert due_in is not None
    assert due_in <= timedelta(0)
    assert [claimed.envelope.id for claimed in await take(outbox)] == [second.id] != [first.id]


async def test_a_deadline_can_be_met_even_if_the_clock_was_set_back(
    outbox: Outbox, tenant: UUID, clock: FakeClock
) -> None:
    """An envelope behind another one of its ordering key gets a later `created_at`, which is after the deadline
    here."""
    clock.advance(hours=1)
    await put(outbox, in_order(tenant, "a"))
    clock.now = NOW

    [behind] = await put(outbox, in_order(tenant, "a", must_run_before=SOON))

    assert (behind.created_at > SOON, behind.must_run_before) == (True, SOON)


async def test_an_envelope_behind_another_of_its_ordering_key_expires_too(
    outbox: Outbox, tenant: UUID, clock: FakeClock
) -> None:
    await put(outbox, in_order(tenant, "a"), in_order(tenant, "a", must_run_before=SOON))
    await run_one(outbox, Disposition.UNKNOWN, error="nobody answered")
    clock.now = SOON
    assert await outbox.expire(actor=CLOCK) == 1


@pytest.mark.parametrize("to", sorted(ENDED))
async def test_an_envelope_whose_call_was_made_does_not_expire(
    outbox: Outbox, tenant: UUID, clock: FakeClock, to: Disposition
) -> None:
    await put_one(outbox, tenant, must_run_before=SOON)
    ended = await run_one(outbox, to, error="because")
    clock.now = SOON
    assert await outbox.expire(actor=CLOCK) == 0
    assert (await outbox.get(tenant, ended.id)).status == to.value


async def test_a_dead_letter_past_its_deadline_is_not_requeued(outbox: Outbox, tenant: UUID, clock: FakeClock) -> None:
    late = await a_dead_letter(outbox, tenant, must_run_before=SOON)
    other = await a_dead_letter(outbox, tenant)
    clock.now = SOON
    with pytest.raises(StateConflict, match=f"envelope: the deadline of {late.id} passed at .*; propose it again"):
        await outbox.requeue(tenant=tenant, envelopes=[late.id, other.id], limit=9, actor=operator("olga"))
    assert [envelope.id for envelope in await outbox.list_requeueable(None, limit=9)] == [other.id]
    assert [
        envelope.id for envelope in await outbox.requeue(tenant=None, envelopes=None, limit=9, actor=operator("olga"))
    ] == [other.id]
    assert [envelope.id for envelope in await outbox.list_dead_letters(tenant, limit=9)] == [late.id]


@pytest.fixture
async def shop(backends: Backends, tenant: UUID) -> UUID:
    await backends.catalog.save(
        [a_tool(tenant_id=tenant, tool_slug="ORDERS__create", version="1")], actor=operator("olga")
    )
    return tenant


async def test_a_proposal_may_name_its_deadline(backends: Backends, clock: FakeClock, shop: UUID) -> None:
    request = {**ORDER, "tenant_id": str(shop), "must_run_before": "2026-11-23T14:00:00+01:00"}
    proposed = await propose(backends, request, actor=AGENT, clock=clock)
    assert proposed.envelope.must_run_before == NOW + timedelta(hours=1)


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"must_run_before": "2026-11-23T14:00:00"}, "has no time zone"),
        ({"must_run_before": "soon"}, "must be a valid datetime"),
        ({"must_run_before": "infinity"}, "must be a valid datetime"),
        ({"must_run_before": "9999-12-31T00:00:00Z"}, "is out of range"),
        ({"must_run_before": "2026-11-23T11:00:00Z"}, "must be later than now"),
        ({"must_run_before": "2027-01-01T00:00:00Z", "not_before": "2027-01-01T01:00:00+01:00"}, "than not_before"),
    ],
)
async def test_a_proposal_with_an_invalid_deadline_is_refused(
    backends: Backends, clock: FakeClock, shop: UUID, changes: dict[str, Any], why: str
) -> None:
    with pytest.raises(InvalidInput, match=f"must_run_before: .*{why}") as refused:
        await propose(backends, {**ORDER, "tenant_id": str(shop), **changes}, actor=AGENT, clock=clock)
    assert refused.value.field == "must_run_before"
    assert await backends.outbox.list_envelopes(shop, status=None, limit=1) == []


async def test_a_tenant_with_locked_rows_delays_no_other_tenants_expiry(
    postgres_backends: Backends, contract_database: str, clock: FakeClock
) -> None:
    outbox, ids = postgres_backends.outbox, [uuid4(), uuid4(), uuid4()]
    for id_ in ids:
        await postgres_backends.tenants.save(Tenant(id=id_, name=str(id_)), actor=operator("olga"))
        await put_one(outbox, id_, next_run_at=NOW + MINUTE, must_run_before=SOON)
    clock.now = SOON
    with psycopg.connect(contract_database) as connection:
        connection.execute("select from app_private.lanes where tenant_id = %s for update", [ids[0]])
        connection.execute("select from app_private.audit_heads where tenant_id = %s for update", [ids[1]])
        assert await outbox.expire(actor=CLOCK) == 1
        assert await outbox.list_envelopes(ids[2], status=Status.EXPIRED, limit=2) != []
    assert await outbox.expire(actor=CLOCK) == 2


@pytest.mark.parametrize("moment", ["infinity", "-infinity", "294276-01-01", "now"])
def test_an_unreadable_deadline_cannot_be_written_into_the_table(
    postgres_backends: Backends, contract_database: str, moment: str
) -> None:
    del postgres_backends
    with psycopg.connect(contract_database) as connection:
        connection.execute("insert into public.tenants (id, name) values (%s, 'acme')", [uuid4()])
        with pytest.raises(psycopg.ProgrammingError, match="must_run_before: must be later than now"):
            connection.execute(
                "insert into public.outbox (tenant_id, tool_slug, external_id, must_run_before)"
                " select id, 'a', 'b', %s from public.tenants",
                [moment],
            )
