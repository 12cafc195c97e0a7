"""How a worker stops: gracefully, or at once."""

import asyncio
from datetime import timedelta

import pytest

from tests.builders import HOUR
from tests.worker.world import AGAIN, AWAY, ONCE, WITHIN, World


async def wait_for_end(run: "asyncio.Task[None]") -> None:
    async with asyncio.timeout(WITHIN):
        await run


async def test_a_graceful_stop_claims_nothing_and_lets_running_attempts_finish(world: World) -> None:
    tenant = await world.add_tenant()
    ids = await world.propose(tenant, 5)
    world.stage.curtain.clear()
    worker = world.worker(concurrency=2)
    run = asyncio.create_task(worker.run())
    await world.stage.called(2)
    worker.stop()
    assert worker.health.stopping
    world.stage.curtain.set()
    await wait_for_end(run)
    assert await world.states(*ids) == [("success", 1)] * 2 + [("pending", 0)] * 3
    assert len(world.stage.calls) == 2
    assert world.leased_lanes() == 0


async def test_an_idle_worker_stops_at_once(world: World) -> None:
    outbox = world.faulty()
    worker = world.worker(poll_every=HOUR, drain_for=HOUR)
    run = asyncio.create_task(worker.run())
    await outbox.called("wait_for_work", 2)
    worker.stop()
    await wait_for_end(run)


@pytest.mark.parametrize("at_once", [True, False])
async def test_an_immediate_stop_cancels_calls_and_retries_only_idempotent_ones(world: World, at_once: bool) -> None:
    tenant = await world.add_tenant()
    (again,) = await world.propose(tenant, slug=AGAIN)
    (once,) = await world.propose(tenant, slug=ONCE)
    world.stage.curtain.clear()
    worker = world.worker(drain_for=HOUR if at_once else timedelta(milliseconds=500))
    run = asyncio.create_task(worker.run())
    await world.stage.called(2)
    (worker.stop_now if at_once else worker.stop)()
    await wait_for_end(run)
    assert sorted(world.stage.cancelled) == sorted([again, once])
    assert await world.states(again, once) == [("pending", 1), ("unknown", 1)]
    assert world.leased_lanes() == 0


async def test_a_second_stop_ends_a_graceful_stop_at_once(world: World) -> None:
    tenant = await world.add_tenant()
    (envelope,) = await world.propose(tenant)
    world.stage.curtain.clear()
    worker = world.worker(drain_for=HOUR)
    run = asyncio.create_task(worker.run())
    await world.stage.called(1)
    worker.stop()
    await asyncio.wait([run], timeout=0.02)
    assert world.stage.cancelled == []
    worker.stop_now()
    await wait_for_end(run)
    assert world.stage.cancelled == [envelope]


@pytest.mark.parametrize("finishes", [True, False])
async def test_an_immediate_stop_may_come_at_any_time_and_repeatedly(world: World, finishes: bool) -> None:
    tenant = await world.add_tenant()
    (envelope,) = await world.propose(tenant)
    world.stage.curtain.clear()
    outbox = world.faulty()
    outbox.held["settle"] = asyncio.Event()
    worker = world.worker()
    run = asyncio.create_task(worker.run())
    await world.stage.called(1)
    if finishes:
        worker.stop()
        await world.let_pass()
        world.stage.curtain.set()
        await outbox.called("settle", 1)
    for turn in range(50):
        if turn % 2 == 0:
            worker.stop_now()
        await asyncio.sleep(0)  # one turn of the event loop
    outbox.held["settle"].set()
    await wait_for_end(run)
    assert await world.states(envelope) == [("success", 1) if finishes else ("pending", 1)]


@pytest.mark.parametrize("strength", ["stop", "stop_now"])
async def test_calls_not_yet_sent_when_a_worker_stops_are_released_without_an_attempt(
    world: World, strength: str
) -> None:
    tenant = await world.add_tenant()
    ids = await world.propose(tenant, 2, slug=ONCE) + await world.propose(tenant)
    outbox = world.faulty()
    outbox.held["mark_sent"] = asyncio.Event()
    worker = world.worker()
    run = asyncio.create_task(worker.run())
    await outbox.called("mark_sent", 1)
    getattr(worker, strength)()
    outbox.held["mark_sent"].set()
    await wait_for_end(run)
    assert world.stage.calls == []
    assert await world.states(*ids) == [("pending", 0)] * 3
    assert world.leased_lanes() == 0
    assert world.events_of(ids[0]) == ["envelope.proposed"]


async def test_a_worker_stops_within_its_time_limit_if_the_database_stays_away(world: World) -> None:
    tenant = await world.add_tenant()
    (envelope,) = await world.propose(tenant)
    outbox = world.faulty()
    outbox.broken["settle"] = AWAY
    worker = world.worker(drain_for=timedelta(milliseconds=50))
    run = asyncio.create_task(worker.run())
    await outbox.called("settle", 1)
    worker.stop()
    await wait_for_end(run)
    assert await world.states(envelope) == [("pending", 0)]
    assert world.take_over("next") == [envelope]
