"""The worker's clock is set back or forward while it works. Only stored times come from this clock."""

from datetime import datetime, timedelta

import pytest

from services.clock import utc_now
from tests.builders import HOUR
from tests.worker.world import World, at_work, eventually, metric


class Stepping:
    """The system's clock, until a test moves it."""

    def __init__(self) -> None:
        self.by = timedelta()

    def __call__(self) -> datetime:
        return utc_now() + self.by


@pytest.mark.parametrize("by", [-HOUR, HOUR, -24 * HOUR])
async def test_a_changed_clock_ends_no_lease_and_stops_no_lane(world: World, by: timedelta) -> None:
    tenant, clock = await world.add_tenant(), Stepping()
    worker = world.worker(clock=clock, heartbeat_every=timedelta(milliseconds=30), poll_every=timedelta(seconds=0.1))
    world.stage.curtain.clear()
    async with at_work(worker):
        (running,) = await world.propose(tenant)
        await world.stage.called(1)
        renewed_until = world.sql("select max(ready_at) from app_private.lanes")[0][0]
        clock.by = by
        await eventually(lambda: world.sql("select max(ready_at) from app_private.lanes")[0][0] > renewed_until)
        world.stage.curtain.set()
        await world.become("success", running)
        await world.become("success", *await world.propose(tenant, 3))
        assert worker.health.problems() == []
    assert metric(worker, "outbox_conflict_total", tenant=str(tenant), kind="lease") == 0
    assert len(world.stage.ids) == 4
