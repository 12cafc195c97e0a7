"""Stuck tickets, the trend, and what automatic responses saved."""

from datetime import UTC, date, datetime, timedelta

import pytest

from control_plane.apps.autopilot.insight.savings import read_savings
from control_plane.apps.autopilot.jobs import cluster_times
from control_plane.apps.autopilot.store import insight
from control_plane.apps.autopilot.store.settings import save_settings
from tests.control_plane.apps.autopilot.contexts import a_context
from tests.control_plane.apps.autopilot.helpdesk import OLGA
from tests.control_plane.apps.autopilot.insight.conftest import Clustered

DAY = timedelta(days=1)
HOUR = timedelta(hours=1)


@pytest.fixture
async def measured(world: Clustered) -> Clustered:
    """Nine of ten tickets about mail took ten hours; two about the network are too few to tell."""
    past = datetime.now(UTC) - 30 * DAY
    for hours in range(1, 12):
        world.open_tickets(world.mail, [past], solved_within=hours * HOUR)
    world.open_tickets(world.network, [past, past], solved_within=HOUR)
    assert (await cluster_times.run(a_context(world.desk))).problem is None
    return world


async def test_a_ticket_is_stuck_if_it_is_open_for_longer_than_usual_and_nobody_touches_it(measured: Clustered) -> None:
    now = datetime.now(UTC)
    stuck = [now - 5 * DAY, now - 3 * DAY, now - 2 * DAY]
    measured.open_tickets(measured.mail, stuck, subject="Stuck")
    measured.open_tickets(measured.mail, [now - 5 * DAY], subject="Updated", updated=now - HOUR)
    measured.open_tickets(measured.mail, [now - 5 * HOUR], subject="New")
    measured.open_tickets(measured.mail, [now - 5 * DAY], subject="Over", status="Closed")
    measured.open_tickets(measured.network, [now - 5 * DAY], subject="Nothing to compare with")
    functions, tenant = measured.desk.as_user(), measured.desk.tenant
    first = await insight.list_stuck_tickets(functions, tenant, limit=2)
    rest = await insight.list_stuck_tickets(functions, tenant, limit=2, after=(first[1].opened_at, first[1].id))
    assert [(each.subject, each.opened_at) for each in (*first, *rest)] == [("Stuck", at) for at in stuck]
    assert {each.usual_hours for each in first} == {10}
    assert await insight.list_stuck_tickets(functions, tenant, cluster=measured.mail, limit=9) == [*first, *rest]
    assert await insight.list_stuck_tickets(functions, tenant, cluster=measured.network, limit=9) == []


async def test_the_trend_counts_each_day_of_the_active_model(world: Clustered) -> None:
    monday, tuesday = date(2026, 1, 5), date(2026, 1, 6)
    for cluster, day, counts in (
        (world.mail, monday, (5, 1, 0)), (world.network, monday, (7, 0, 7)), (world.mail, tuesday, (2, 2, 0)),
        (world.mail, monday - DAY, (9, 9, 9)),
    ):  # fmt: skip
        world.desk.run(
            "insert into autopilot.analytics_cluster_daily (organization_id, cluster_id, day, total_tickets,"
            " automated_count, kb_gap_count) values (%s, %s, %s, %s, %s, %s)",
            world.desk.tenant, cluster, day, *counts,
        )  # fmt: skip
    functions, tenant = world.desk.as_user(), world.desk.tenant
    found = await insight.read_trend(functions, tenant, first_day=monday, last_day=tuesday)
    assert [(each.day, each.total_tickets, each.automated_count, each.kb_gap_count) for each in found] == [
        (monday, 12, 1, 7), (tuesday, 2, 2, 0),
    ]  # fmt: skip
    [only] = await insight.read_trend(functions, tenant, first_day=monday, last_day=tuesday, cluster=world.network)
    assert (only.day, only.total_tickets) == (monday, 7)

    await save_settings(world.desk.functions, tenant, {"minutes_per_ticket": 20, "cost_per_hour": "30.50"}, actor=OLGA)
    saved = await read_savings(functions, tenant, first_day=monday, last_day=tuesday)
    assert (saved.tickets, saved.automated, saved.hours, saved.cost) == (14, 3, 1.0, 30.5)
