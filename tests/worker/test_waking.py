"""An idle worker wakes up when there is work, and only then."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from services.backends.database.outbox import DatabaseOutbox
from services.backends.database.transport.listener import Listener
from services.backends.database.transport.pool import postgres_functions
from services.tools import Failed, Success
from tests.builders import HOUR
from tests.worker.world import AWAY, Answers, World


async def test_a_notification_wakes_an_idle_worker(world: World) -> None:
    tenant = await world.add_tenant()
    outbox = world.faulty()
    async with world.working(poll_every=HOUR):
        await outbox.called("wait_for_work", 2)  # the first wait returns as soon as LISTEN takes effect
        ids = await world.propose(tenant, 2)
        await world.become("success", *ids)


async def test_an_idle_worker_wakes_when_a_retry_is_due(world: World) -> None:
    tenant = await world.add_tenant()
    world.stage.play = Answers(Failed(error="busy", retryable=True, retry_after=timedelta(milliseconds=200)), Success())
    (envelope,) = await world.propose(tenant)
    async with world.working(poll_every=HOUR):
        await world.become("success", envelope)
    assert await world.states(envelope) == [("success", 2)]


async def test_a_worker_that_cannot_listen_finds_work_by_polling(world: World) -> None:
    tenant = await world.add_tenant()
    async with postgres_functions(world.url, size=2) as pool:
        listener = Listener("postgresql://nobody@127.0.0.1:1/none")
        world.backends = replace(world.backends, outbox=DatabaseOutbox(pool, listener))
        outbox = world.faulty()
        async with world.working():
            await outbox.called("wait_for_work", 2)
            ids = await world.propose(tenant, 2)
            await world.become("success", *ids)
        await listener.close()


async def test_an_idle_worker_does_not_spin(world: World) -> None:
    outbox = world.faulty()
    async with world.working(poll_every=HOUR):
        await outbox.called("wait_for_work", 2)
        await world.let_pass()
        assert outbox.calls["claim"] == 2


async def test_a_worker_that_cannot_read_when_work_is_due_polls_without_spinning(world: World) -> None:
    outbox = world.faulty()
    outbox.broken["due_in"] = AWAY
    async with world.working(poll_every=HOUR):
        await outbox.called("wait_for_work", 2)
        await asyncio.gather(*[world.backends.tenants.list_tenants() for _ in range(30)])
        assert outbox.calls["claim"] == 2


@pytest.mark.parametrize("concurrency", [1, 8])
async def test_a_worker_that_waits_for_its_next_poll_or_for_a_slot_is_healthy(world: World, concurrency: int) -> None:
    (envelope,) = await world.propose(await world.add_tenant())
    world.stage.curtain.clear()
    async with world.working(poll_every=HOUR, concurrency=concurrency) as worker:
        await world.stage.called(1)
        now = worker.health.last_iteration_at
        worker.health.monotonic = lambda: now + HOUR.total_seconds()
        assert worker.health.problems() == []
        worker.health.monotonic = lambda: now + HOUR.total_seconds() + 60
        assert worker.health.problems() == ["the main loop has not run for 3660 s"]
        world.stage.curtain.set()
        await world.become("success", envelope)
