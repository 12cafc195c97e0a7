"""A worker while other transactions stay open: the envelopes of other tenants finish, and no lock costs an attempt."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest

from services.errors import ControlPlaneError, Locked
from services.outbox import ClaimedEnvelope, SentMarks, Settlement, UnsettledEnvelopes
from tests.builders import SECOND
from tests.worker.world import AGAIN, CANCEL, ENQUEUE, ONCE, World, eventually, metric

BEAT = timedelta(milliseconds=60)


@pytest.fixture
def session(database_url: str) -> Iterator[psycopg.Connection]:
    """A session as a person has it in psql; its first statement opens a transaction."""
    with psycopg.connect(database_url) as connection:
        yield connection


async def test_an_open_enqueue_delays_neither_its_own_tenant_nor_another(
    world: World, session: psycopg.Connection
) -> None:
    tenant, neighbour = await world.add_tenant("one"), await world.add_tenant("two")
    outbox = world.faulty()
    async with world.working(lease_for=SECOND, heartbeat_every=BEAT) as worker:
        session.execute(ENQUEUE, {"id": uuid4(), "tenant": tenant, "slug": ONCE})
        ids = [
            each
            for _ in range(10)
            for one in (tenant, neighbour)
            for slug in (AGAIN, ONCE)
            for each in await world.propose(one, 5, slug=slug)
        ]
        await world.become("success", *ids)
        beats = outbox.calls["heartbeat"]
        more = await world.propose(neighbour, 5, slug=ONCE)
        await world.become("success", *more)
        assert outbox.calls["heartbeat"] >= beats
        session.commit()
        await eventually(lambda: worker.settled.get("success", 0) == len(ids) + len(more) + 1)
    assert set(await world.states(*ids, *more)) == {("success", 1)}
    assert worker.settled.keys() <= {"success", "release"}


async def test_envelopes_of_a_locked_lane_stay_in_flight_until_it_is_unlocked(
    world: World, session: psycopg.Connection
) -> None:
    """The lock lasts for several leases: no attempt is counted, no envelope becomes unknown, and the other tenant
    continues."""
    tenant, neighbour = await world.add_tenant("one"), await world.add_tenant("two")
    outbox = world.faulty()
    world.stage.curtain.clear()
    flying = await world.propose(tenant, 3, slug=ONCE)
    async with world.working(lease_for=SECOND, heartbeat_every=BEAT, concurrency=20) as worker:
        await world.stage.called(3)
        (waiting,) = await world.propose(tenant, next_run_at=datetime.now(UTC) + timedelta(hours=1))
        session.execute("set lock_timeout = '5s'")
        session.execute(CANCEL, [tenant, waiting])
        world.stage.curtain.set()
        for _ in range(5):
            ids = await world.propose(neighbour, 4, slug=ONCE)
            await world.become("success", *ids)
        beats = outbox.calls["heartbeat"]
        async with world.working(worker_id="w2", lease_for=SECOND, heartbeat_every=BEAT):
            await outbox.called("heartbeat", beats + 100)  # heartbeats of both workers, for three leases
            assert set(await world.states(*flying)) == {("pending", 0)}
            session.commit()
            await world.become("success", *flying)
    assert set(await world.states(*flying)) == {("success", 1)}
    assert (await world.get(waiting)).status == "cancelled"
    assert world.stage.ids.count(flying[0]) == 1
    assert metric(worker, "outbox_conflict_total", tenant=str(tenant), kind="lease") == 0


async def test_other_tenants_are_served_while_a_lane_is_locked_even_if_the_worker_changes_its_id(
    world: World, session: psycopg.Connection
) -> None:
    tenant, neighbour = await world.add_tenant("one"), await world.add_tenant("two")
    claim, outbox = world.backends.outbox.claim, world.faulty()
    world.stage.curtain.clear()
    (flying,) = await world.propose(tenant)

    async def lose_the_answer(*args: Any, **kwargs: Any) -> list[ClaimedEnvelope]:
        if await claim(*args, **kwargs):
            del outbox.instead["claim"]
        raise ControlPlaneError("database: an answer that nobody can read")

    async with world.working(concurrency=20):
        await world.stage.called(1)
        (waiting,) = await world.propose(tenant, next_run_at=datetime.now(UTC) + timedelta(hours=1))
        session.execute(CANCEL, [tenant, waiting])
        world.stage.curtain.set()
        tries = outbox.calls["settle"]
        await outbox.called("settle", tries + 1)
        outbox.instead["claim"] = lose_the_answer
        claims = outbox.calls["claim"]
        await outbox.called("claim", claims + 1)
        (unread,) = await world.propose(neighbour)
        await eventually(lambda: not outbox.instead)
        world.sql("update app_private.lanes set ready_at = now() where tenant_id = %s", str(neighbour))  # its lease
        await world.become("success", unread, *await world.propose(neighbour, 4, slug=ONCE))
        assert await world.states(flying) == [("pending", 0)]
        session.commit()
        await world.become("success", flying, *await world.propose(tenant, 2))


async def test_a_row_locked_by_a_persons_own_sql_delays_only_its_tenant(
    world: World, session: psycopg.Connection
) -> None:
    tenant, neighbour = await world.add_tenant("one"), await world.add_tenant("two")
    world.stage.curtain.clear()
    (mine,) = await world.propose(tenant)
    others = await world.propose(neighbour, 3)
    async with world.working() as worker:
        await world.stage.called(4)
        session.execute("select from public.outbox where id = %s for update", [mine])
        world.stage.curtain.set()
        await world.become("success", *others)
        assert await world.states(mine) == [("pending", 0)]
        session.rollback()
        await world.become("success", mine)
    assert worker.settled == {"success": 4}


async def test_a_call_is_sent_once_its_busy_sent_mark_is_written(world: World) -> None:
    tenant = await world.add_tenant()
    outbox, marks = world.backends.outbox, list[UUID]()
    faulty = world.faulty()

    async def busy_at_first(worker_id: str, calls: Sequence[ClaimedEnvelope]) -> SentMarks:
        marks.extend(call.envelope.id for call in calls)
        if len(marks) < 4:
            return SentMarks(busy=frozenset(call.envelope.key for call in calls))
        return await outbox.mark_sent(worker_id, calls)

    faulty.instead["mark_sent"] = busy_at_first
    (envelope,) = await world.propose(tenant, slug=ONCE)
    async with world.working() as worker:
        await world.become("success", envelope)
    assert marks == [envelope] * 4
    assert worker.settled == {"success": 1}


async def test_busy_settlements_are_sent_again_and_delay_no_other_tenant(world: World) -> None:
    tenant, neighbour = await world.add_tenant("one"), await world.add_tenant("two")
    outbox, tries = world.backends.outbox, list[int]()
    faulty = world.faulty()

    async def settle(worker_id: str, settlements: Sequence[Settlement]) -> UnsettledEnvelopes:
        mine = frozenset(settlement.key for settlement in settlements if settlement.lease.tenant_id == tenant)
        tries.append(len(mine))
        if len(mine) < len(settlements) and len(mine) > 0 and sum(tries) < 10:
            raise Locked("database: locked")
        if mine and sum(tries) < 20:
            return UnsettledEnvelopes(busy=mine)
        return await outbox.settle(worker_id, settlements)

    faulty.instead["settle"] = settle
    world.stage.curtain.clear()
    ids = [*await world.propose(tenant, 3), *await world.propose(neighbour, 3)]
    async with world.working() as worker:
        await world.stage.called(6)
        world.stage.curtain.set()
        await world.become("success", *ids)
    assert worker.settled == {"success": 6}
    assert sum(tries) >= 20


async def test_a_stopping_worker_waits_for_busy_settlements(world: World, session: psycopg.Connection) -> None:
    tenant = await world.add_tenant()
    outbox = world.faulty()
    world.stage.curtain.clear()
    (envelope,) = await world.propose(tenant)
    (later,) = await world.propose(tenant, next_run_at=datetime.now(UTC) + timedelta(hours=1))
    async with world.working() as worker:
        await world.stage.called(1)
        session.execute(CANCEL, [tenant, later])
        world.stage.curtain.set()
        await outbox.called("settle", 3)
        worker.stop()
        session.commit()
        await world.become("success", envelope)
    assert worker.settled == {"success": 1}
