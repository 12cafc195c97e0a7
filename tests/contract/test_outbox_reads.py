"""List the outbox, read its status, and wait for work."""

import asyncio
from datetime import timedelta
from uuid import UUID, uuid4

import pytest

from services.audit_log import AuditLogger
from services.envelope import Actor, ActorType, Status
from services.errors import NotFound
from services.outbox import Disposition, Outbox, Resolution
from services.outbox.queue_status import QueueStatus
from services.tenants import Tenants
from tests.builders import AGENT, CLOCK, MINUTE, NOW, operator
from tests.clock import FakeClock
from tests.contract.builders import a_dead_letter, a_proposal, close, in_order, put, put_one, run_one, take, take_one

_OPERATOR = Actor(type=ActorType.OPERATOR, id="olga")


async def test_old_settled_envelopes_are_deleted_and_their_audit_rows_stay(
    outbox: Outbox, audit_log: AuditLogger, tenant: UUID, other_tenant: UUID, clock: FakeClock
) -> None:
    await put_one(outbox, tenant, external_id="a")
    old = await run_one(outbox, Disposition.SUCCESS)
    await put_one(outbox, other_tenant)
    theirs = await run_one(outbox, Disposition.CONFLICT)
    dead = await a_dead_letter(outbox, tenant)
    waiting = await put_one(outbox, tenant, next_run_at=NOW + 600 * MINUTE)
    clock.advance(minutes=30)
    await put_one(outbox, tenant)
    fresh = await run_one(outbox, Disposition.SUCCESS)
    clock.advance(minutes=31)

    forgotten = [await outbox.forget_settled(keep=60 * MINUTE, limit=1, actor=CLOCK) for _ in range(3)]  # one at a time

    assert sorted(forgotten) == [0, 1, 1]
    for gone in (old, theirs):
        with pytest.raises(NotFound):
            await outbox.get(gone.tenant_id, gone.id)
    for remaining in (waiting, dead, fresh):
        assert (await outbox.get(tenant, remaining.id)).id == remaining.id
    [newest, *_] = await audit_log.tail(tenant, limit=20)
    assert (newest.entry.category, newest.entry.payload["envelopes"]) == ("outbox.forgotten", 1)
    again = await put_one(outbox, tenant, external_id="a")
    assert again.id != old.id


async def test_an_envelope_is_visible_only_to_its_tenant(outbox: Outbox, tenant: UUID, other_tenant: UUID) -> None:
    dead = await a_dead_letter(outbox, tenant)
    alive = await put_one(outbox, tenant)

    for envelope in (alive, dead):
        assert await outbox.get(tenant, envelope.id) == envelope
        with pytest.raises(NotFound):
            await outbox.get(other_tenant, envelope.id)
    with pytest.raises(NotFound):
        await outbox.get(tenant, uuid4())


async def test_envelopes_are_listed_newest_first_filtered_by_tenant_and_state(
    outbox: Outbox, tenant: UUID, other_tenant: UUID
) -> None:
    one, two, three = await put(outbox, *[a_proposal(owner) for owner in (tenant, other_tenant, tenant)])
    await outbox.cancel(tenant, one.id, actor=_OPERATOR, reason=None)
    one = await outbox.get(tenant, one.id)

    assert await outbox.list_envelopes(None, status=None, limit=10) == [three, two, one]
    assert await outbox.list_envelopes(None, status=None, limit=2) == [three, two]
    assert await outbox.list_envelopes(tenant, status=None, limit=10) == [three, one]
    assert await outbox.list_envelopes(None, status=Status.CANCELLED, limit=10) == [one]
    assert await outbox.list_envelopes(tenant, status=Status.UNKNOWN, limit=10) == []


async def test_status_counts_the_envelopes_of_each_queue(
    outbox: Outbox, tenants: Tenants, tenant: UUID, other_tenant: UUID, clock: FakeClock
) -> None:
    await a_dead_letter(outbox, tenant)
    busy = await put_one(outbox, tenant)
    retry_at = NOW + timedelta(minutes=1, seconds=30, milliseconds=50)
    await close(outbox, await take_one(outbox), Disposition.RETRY, error="busy", next_run_at=retry_at)
    await put_one(outbox, tenant)
    await run_one(outbox, Disposition.SUCCESS)
    await put(outbox, *[a_proposal(tenant, next_run_at=NOW + n * MINUTE) for n in range(3)])
    await take_one(outbox)
    await tenants.pause(other_tenant, actor=operator("olga"), reason="an audit")
    clock.advance(minutes=1)

    acme = QueueStatus(
        tenant_id=tenant,
        name="acme",
        paused=False,
        depth={"pending": 4},
        in_flight=1,
        dlq=1,
        doubtful=0,
        oldest_due_at=NOW,
        retrying=1,
        retries=(
            {
                "envelope_id": str(busy.id),
                "tool_slug": busy.tool_slug,
                "attempts": 1,
                "next_run_at": "2026-11-23T12:01:30.05+00:00",
                "wait_seconds": 30.1,
                "last_error": "busy",
            },
        ),
    )
    zebra = QueueStatus(
        tenant_id=other_tenant, name="zebra", paused=True, depth={}, in_flight=0, dlq=0, doubtful=0, oldest_due_at=None,
        retrying=0, retries=(),
    )  # fmt: skip
    assert await outbox.status() == [acme, zebra]
    assert await outbox.status(tenant) == [acme]
    with pytest.raises(NotFound):
        await outbox.status(uuid4())


async def test_status_shows_the_twenty_soonest_retries(outbox: Outbox, tenant: UUID, clock: FakeClock) -> None:
    await put(outbox, *[a_proposal(tenant) for _ in range(25)])
    claimed = await take(outbox, limit=25)
    for n, each in enumerate(claimed):
        await close(outbox, each, Disposition.RETRY, error="busy", next_run_at=NOW + (25 - n) * MINUTE)
    clock.advance(minutes=3)

    [status] = await outbox.status(tenant)

    assert [retry["wait_seconds"] for retry in status.retries] == [max(0, n * 60) for n in range(-2, 18)]


async def test_waiting_for_work_ends_when_an_envelope_is_enqueued(outbox: Outbox, tenant: UUID) -> None:
    async with asyncio.timeout(60):
        for n in range(3):  # the first wait may end because of earlier work; the later ones cannot
            await put_one(outbox, tenant)
            await outbox.wait_for_work(_patience(outbox))
            assert len(await take(outbox)) == 1, n


async def test_waiting_for_work_ends_after_its_time_limit(outbox: Outbox) -> None:
    async with asyncio.timeout(60):
        for _ in range(3):
            await outbox.wait_for_work(timedelta(milliseconds=1))


async def test_a_persons_decision_ends_waiting_for_work(outbox: Outbox, tenant: UUID) -> None:
    await put_one(outbox, tenant)
    async with asyncio.timeout(60):
        for _ in range(3):
            unknown = await run_one(outbox, Disposition.UNKNOWN, error="no answer")
            await outbox.resolve(tenant, unknown.id, decision=Resolution.RETRY, actor=operator("olga"), reason=None)
            await outbox.wait_for_work(_patience(outbox))
            due_in = await outbox.due_in()
            assert due_in is not None
            assert due_in <= timedelta()


async def test_an_envelope_names_the_one_that_it_waits_for(outbox: Outbox, tenant: UUID, other_tenant: UUID) -> None:
    await put(outbox, in_order(other_tenant, "a"))
    first, second, third = await put(outbox, *[in_order(tenant, "a") for _ in range(3)])
    free = await put_one(outbox, tenant)

    heads = [await outbox.waits_for(tenant, each.id) for each in (first, second, third, free)]
    assert [head and head.id for head in heads] == [None, first.id, first.id, None]
    assert await outbox.waits_for(other_tenant, second.id) is None
    await outbox.cancel(tenant, first.id, actor=AGENT, reason=None)
    assert await outbox.waits_for(tenant, second.id) is None


def _patience(outbox: Outbox) -> timedelta:
    """Far longer than a notified backend waits; a backend that polls waits for all of it."""
    return timedelta(hours=1) if outbox.can_notify else timedelta()
