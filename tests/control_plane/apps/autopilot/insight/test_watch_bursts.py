"""The job finds bursts in the tickets of the database, and keeps one alert for each."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any
from uuid import uuid4

import numpy as np
import pytest

from control_plane.apps.autopilot.insight.bursts import BUCKET, HOUR, WEEK
from control_plane.apps.autopilot.insight.watch_bursts import watch_bursts
from control_plane.apps.autopilot.jobs import burst_watch
from control_plane.apps.autopilot.store import insight
from control_plane.apps.autopilot.store.insight import AlertStatus, BurstAlert
from services.errors import NotAllowed, NotFound, StateConflict
from tests.builders import system
from tests.control_plane.apps.autopilot.contexts import a_context
from tests.control_plane.apps.autopilot.helpdesk import OLGA, open_helpdesk
from tests.control_plane.apps.autopilot.insight.arrivals import usual_rates
from tests.control_plane.apps.autopilot.insight.conftest import Clustered, clustered

WATCHER = system("burst_watch")
MONDAY = datetime(2026, 1, 5, tzinfo=UTC)
"""The first of six weeks."""
NOW = MONDAY + 6 * timedelta(weeks=1) + timedelta(hours=14)
"""A Monday, 14:00."""


def arrivals(seed: int, *, per_day: float = 60) -> list[datetime]:
    """The usual tickets of six weeks and a day, by chance."""
    random = np.random.default_rng(seed)
    rates = usual_rates(per_day=per_day, weeks=7)[: 6 * WEEK + 14 * HOUR + 2 * HOUR]
    counts = random.poisson(rates)
    return [
        MONDAY + BUCKET * int(bucket) + timedelta(seconds=float(second))
        for bucket in np.flatnonzero(counts) for second in random.uniform(0, 300, counts[bucket])
    ]  # fmt: skip


async def alerts(world: Clustered, **options: Any) -> list[BurstAlert]:
    return await insight.list_bursts(world.desk.functions, world.desk.tenant, limit=10, **options)


def steps(start: datetime, end: datetime) -> Iterator[datetime]:
    """Each five minutes, as the job runs."""
    while start <= end:
        yield start
        start += BUCKET


async def watch(world: Clustered, now: datetime) -> dict[str, int]:
    """One run of the job at this time."""
    desk = world.desk
    counts = await watch_bursts(AtTime(desk.functions, now), desk.tenant, now=now, actor=WATCHER)
    return dict(counts)


class AtTime:
    """Calls functions at a time of the test."""

    def __init__(self, functions: Any, now: datetime) -> None:
        self._functions, self._now = functions, now

    def as_of(self) -> datetime:
        return self._now

    async def call(self, name: str, /, **arguments: object) -> Any:
        return await self._functions.call(name, **arguments)


@pytest.mark.parametrize("seed", [1, 2, 3])
async def test_a_planted_burst_has_one_alert_within_a_quarter_of_an_hour_until_it_ends(
    world: Clustered, seed: int
) -> None:
    world.open_tickets(world.mail, arrivals(seed))
    world.open_tickets(world.network, arrivals(seed + 100))
    for now in steps(NOW - timedelta(minutes=30), NOW):
        await watch(world, now)
    assert await alerts(world) == []

    outage = NOW + timedelta(seconds=30)
    world.open_tickets(world.network, (outage + timedelta(seconds=30) * n for n in range(40)))
    for now in steps(NOW + BUCKET, NOW + timedelta(minutes=15)):
        await watch(world, now)
    [alert] = await alerts(world)
    assert (alert.cluster_id, alert.cluster, alert.status) == (world.network, "Network", AlertStatus.OPEN)
    assert alert.tickets > 3 * alert.expected
    assert NOW - timedelta(hours=1) <= alert.started_at <= NOW + timedelta(minutes=15)

    for now in steps(NOW + timedelta(minutes=20), NOW + timedelta(hours=3)):
        await watch(world, now)
    [ended] = await alerts(world)
    assert (ended.id, ended.status) == (alert.id, AlertStatus.ENDED)
    assert ended.tickets >= 40
    assert await alerts(world, current_only=True) == []
    kinds = [category for category in world.desk.audit() if category.startswith("burst_alert")]
    assert kinds == ["burst_alert.opened", "burst_alert.ended"]


async def test_tickets_that_fit_no_cluster_may_burst_too(world: Clustered) -> None:
    world.open_tickets(world.mail, arrivals(5))
    world.open_tickets(None, (NOW - timedelta(seconds=30) * n for n in range(1, 20)))
    assert (await watch(world, NOW))["bursts"] == 1
    [alert] = await alerts(world)
    assert (alert.cluster_id, alert.cluster, alert.tickets) == (None, None, 19)


async def test_with_less_than_two_weeks_nothing_is_said(world: Clustered) -> None:
    world.open_tickets(world.mail, (NOW - timedelta(days=13) + timedelta(hours=n) for n in range(24 * 13)))
    world.open_tickets(world.mail, (NOW - timedelta(seconds=30) * n for n in range(1, 40)))
    assert await watch(world, NOW) == {"checked": 1, "bursts": 0, "ended": 0}


async def test_only_clusters_with_many_tickets_in_the_last_hour_are_read(world: Clustered) -> None:
    world.open_tickets(world.mail, (NOW - timedelta(minutes=5) * n for n in range(1, 6)))
    assert (await watch(world, NOW))["checked"] == 0
    world.open_tickets(world.mail, [NOW - timedelta(minutes=59), NOW])  # the second comes at the end, so not yet
    assert (await watch(world, NOW))["checked"] == 1


async def test_counts_are_those_of_each_five_minutes(world: Clustered) -> None:
    world.open_tickets(world.mail, [MONDAY, MONDAY + timedelta(seconds=299), MONDAY + BUCKET, MONDAY + 12 * BUCKET])
    found = await insight.count_arrivals(
        world.desk.functions, world.desk.tenant, world.mail, since=MONDAY, until=MONDAY + 12 * BUCKET
    )
    assert found == [(0, 2), (1, 1)]


async def test_a_person_takes_care_of_a_burst_once(world: Clustered) -> None:
    world.open_tickets(world.mail, arrivals(7))
    world.open_tickets(world.network, (NOW - timedelta(seconds=30) * n for n in range(1, 40)))
    await watch(world, NOW)
    [alert] = await alerts(world)
    with pytest.raises(NotAllowed):
        await insight.acknowledge_burst(
            world.desk.as_user(tenant_role="agent"), world.desk.tenant, alert.id, actor=OLGA
        )
    rita = world.desk.as_user("rita", "reviewer")
    taken = await insight.acknowledge_burst(rita, world.desk.tenant, alert.id, actor=OLGA)
    assert (taken.status, taken.acknowledged_by) == (AlertStatus.ACKNOWLEDGED, "rita")
    with pytest.raises(StateConflict, match="acknowledged by rita"):
        await insight.acknowledge_burst(rita, world.desk.tenant, alert.id, actor=OLGA)
    with pytest.raises(NotFound):
        await insight.acknowledge_burst(rita, world.desk.tenant, uuid4(), actor=OLGA)
    await watch(world, NOW + BUCKET)  # the burst goes on: it stays the same alert
    assert [(each.id, each.status) for each in await alerts(world)] == [(alert.id, AlertStatus.ACKNOWLEDGED)]


async def test_no_tenant_sees_the_bursts_of_another_and_the_job_serves_all(world: Clustered) -> None:
    other = clustered(await open_helpdesk(world.desk.access, world.desk.url))
    recent = datetime.now(UTC)
    for each in (world, other):
        each.open_tickets(each.mail, (recent - timedelta(hours=n) for n in range(24 * 21)))
        each.open_tickets(each.network, (recent - timedelta(minutes=6, seconds=5 * n) for n in range(40)))
    report = await burst_watch.run(a_context(world.desk))
    assert (report.problem, report.counts["bursts"]) == (None, 2)
    with pytest.raises(NotFound):
        await insight.list_bursts(other.desk.as_user(), world.desk.tenant, limit=10)
    assert [each.cluster_id for each in await alerts(other)] == [other.network]


async def test_alerts_are_listed_in_pages(world: Clustered) -> None:
    for number, cluster in enumerate((world.mail, world.network, None)):
        await insight.save_burst(
            AtTime(world.desk.functions, NOW + timedelta(minutes=number)), world.desk.tenant, cluster, seen_at=NOW,
            window_minutes=10, tickets=9, expected=0.5, probability=1e-9, actor=WATCHER,
        )  # fmt: skip
    first = await alerts(world)
    rest = await insight.list_bursts(
        world.desk.functions, world.desk.tenant, limit=10, before=(first[0].created_at, first[0].id)
    )
    assert [each.cluster for each in first] == [None, "Network", "Mail"]
    assert rest == first[1:]
    assert all(newer.created_at > older.created_at for newer, older in pairwise(first))
