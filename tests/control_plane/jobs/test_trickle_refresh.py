"""Readings are refreshed every 30 to 60 minutes."""

from datetime import timedelta
from uuid import uuid4

import pytest

from control_plane.jobs import (
    trickle_refresh,
    warm_scan,
)
from tests.builders import NOW, an_account
from tests.control_plane.jobs.world import World


async def test_tools_for_which_there_is_no_time_are_read_later(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    await world.link(world.acme)
    monkeypatch.setattr("control_plane.jobs.scan_tenants.TIME_PER_TENANT", timedelta(0))
    assert (await world.run(warm_scan.JOB))[1] == {"postponed": 1, "accounts": 1}
    monkeypatch.undo()
    assert (await world.run(trickle_refresh.JOB))[1]["read"] == 1


async def test_a_reading_is_refreshed_after_half_an_hour_to_an_hour(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(trickle_refresh, "utc_now", world.clock)
    await world.link(world.acme)
    assert (await world.run(trickle_refresh.JOB))[1] == {"tools": 0}  # the warm scan reads what was never read
    await world.run(warm_scan.JOB)
    reads = []
    for minute in range(5, 70, 5):
        world.clock.advance(minutes=5)
        await world.run(trickle_refresh.JOB)
        reads.append((minute, len(world.mail.calls)))
    first = min(minute for minute, calls in reads if calls == 2)
    assert 30 <= first <= 60


async def test_accounts_spread_out_and_tools_of_one_category_stay_together() -> None:
    accounts = [an_account(id=uuid4()) for _ in range(200)]
    turns = [trickle_refresh.refresh_after("mail", account, NOW) for account in accounts]
    assert timedelta(minutes=30) <= min(turns) < timedelta(minutes=35)
    assert timedelta(minutes=55) < max(turns) <= timedelta(minutes=60)
    assert trickle_refresh.refresh_after("mail", accounts[0], NOW) == turns[0]
