"""Claimed envelopes that wait until one of the worker's slots is free."""

import asyncio
from collections.abc import Sequence

import pytest

from services.clock import utc_now
from services.errors import NotReady
from services.outbox import ClaimedEnvelope, SentMarks
from tests.builders import HOUR
from tests.worker.world import ONCE, World, eventually, metric
from worker.attempts import Attempts


async def test_an_envelope_that_waited_too_long_for_a_slot_is_released(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("worker.attempt_runner.QUEUE_TIME_LIMIT", -HOUR)  # all envelopes have
    ids = await world.propose(await world.add_tenant(), 3, slug=ONCE)
    async with world.working() as worker:
        await eventually(lambda: worker.settled.get("release", 0) > len(ids))
        assert world.stage.calls == []
        monkeypatch.undo()
        await world.become("success", *ids)
    assert [attempts for _, attempts in await world.states(*ids)] == [1, 1, 1]


@pytest.fixture
def one_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    """A worker without envelopes claims at least two, whatever its concurrency."""
    monkeypatch.setattr(Attempts, "capacity", lambda attempts: 0 if len(attempts) else 2)


def count_sent_marks(world: World) -> int:
    return int(world.sql("select count(*) from app_private.lanes cross join unnest(sent)")[0][0])


@pytest.mark.usefixtures("one_waits")
async def test_a_call_gets_its_sent_mark_only_when_it_gets_a_slot(world: World) -> None:
    ids = await world.propose(await world.add_tenant(), 2, slug=ONCE)
    world.stage.curtain.clear()
    async with world.working(concurrency=1):
        await world.stage.called(1)
        assert count_sent_marks(world) == 1
        world.stage.curtain.set()
        await world.become("success", *ids)
    assert sorted(world.stage.ids) == sorted(ids)


async def test_sent_marks_of_concurrent_calls_are_written_in_one_statement(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With a statement for each, all database connections would be in use, and heartbeats would wait."""
    monkeypatch.setattr(Attempts, "capacity", lambda attempts: 0 if len(attempts) else 40)
    tenant = await world.add_tenant()
    ids = await world.propose(tenant, 40, slug=ONCE)
    mark_sent, statements, may_write = world.backends.outbox.mark_sent, list[int](), asyncio.Event()

    async def slow_mark_sent(worker_id: str, calls: Sequence[ClaimedEnvelope]) -> SentMarks:
        statements.append(len(calls))
        await may_write.wait()
        return await mark_sent(worker_id, calls)

    monkeypatch.setattr(world.backends.outbox, "mark_sent", slow_mark_sent)
    world.stage.curtain.clear()
    async with world.working(concurrency=20, tenant=tenant) as worker:
        waiting = worker._sent_marks._batches._queue  # noqa: SLF001
        await eventually(lambda: sum(statements) + waiting.qsize() == 20)
        may_write.set()
        await world.stage.called(20)
        assert sum(statements[:2]) == 20
        world.stage.curtain.set()
        await world.become("success", *ids)


@pytest.mark.usefixtures("one_waits")
async def test_a_call_without_its_sent_mark_is_not_sent(world: World) -> None:
    ids = await world.propose(await world.add_tenant(), 2, slug=ONCE)
    outbox = world.faulty()
    world.stage.curtain.clear()
    async with world.working(concurrency=1) as worker:
        await world.stage.called(1)
        outbox.broken["mark_sent"] = NotReady("database: does not answer")
        world.stage.curtain.set()
        await eventually(lambda: worker.settled.get("release", 0) > 0)
        assert len(world.stage.calls) == 1
        outbox.broken.clear()
        await world.become("success", *ids)
    assert [attempts for _, attempts in await world.states(*ids)] == [1, 1]


@pytest.mark.usefixtures("one_waits")
async def test_a_call_cancelled_during_its_sent_mark_is_released(world: World) -> None:
    ids = await world.propose(await world.add_tenant(), 2, slug=ONCE)
    outbox = world.faulty()
    world.stage.curtain.clear()
    async with world.working(concurrency=1) as worker:
        await world.stage.called(1)
        outbox.held["mark_sent"] = asyncio.Event()
        world.stage.curtain.set()
        await outbox.called("mark_sent", 2)
    assert worker.settled == {"success": 1, "release": 1}
    assert sorted(await world.states(*ids)) == [("pending", 0), ("success", 1)]


@pytest.mark.usefixtures("one_waits")
async def test_a_call_that_lost_its_lease_while_waiting_is_not_sent(world: World) -> None:
    tenant = await world.add_tenant()
    ids = await world.propose(tenant, 2, slug=ONCE)
    world.stage.curtain.clear()
    async with world.working(concurrency=1) as worker:
        await world.stage.called(1)
        world.sql("update app_private.lanes set worker_id = 'another'")
        world.stage.curtain.set()
        await eventually(lambda: metric(worker, "outbox_conflict_total", tenant=str(tenant), kind="lease") == 2)
    assert len(world.stage.calls) == 1
    assert set(world.stage.ids) < set(ids)


@pytest.mark.usefixtures("one_waits")
async def test_no_call_begins_after_its_deadline(world: World) -> None:
    tenant, moments = await world.add_tenant(), [utc_now()]
    first, late = await world.propose(tenant, 2, slug=ONCE, must_run_before=moments[0] + HOUR)
    world.stage.curtain.clear()
    async with world.working(concurrency=1, clock=lambda: moments[-1]):
        [called] = await world.stage.called(1)
        moments.append(moments[0] + HOUR)
        world.stage.curtain.set()
        [left] = {first, late} - {called}
        await world.become("expired", left)
    assert world.stage.ids == [called]
    assert await world.states(called, left) == [("success", 1), ("expired", 0)]
    assert world.events_of(left) == ["envelope.proposed", "envelope.expired"]
