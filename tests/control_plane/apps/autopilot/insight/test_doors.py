"""Insight over the API and from the command line."""

import asyncio
import json
from datetime import UTC, datetime, timedelta

import pytest
from typer.testing import CliRunner

from control_plane.__main__ import app
from control_plane.apps.autopilot.store import insight
from services.backends.open import postgres_access
from services.errors import ControlPlaneError, InvalidInput, SettingsError
from tests.builders import system
from tests.control_plane.api.conftest import Api, api
from tests.control_plane.apps.autopilot.helpdesk import Helpdesk, open_helpdesk
from tests.control_plane.apps.autopilot.insight.conftest import Clustered, clustered

__all__ = ["api"]  # a fixture
PATH = "/v1/autopilot/insight"
NOW = datetime.now(UTC)
WATCHER = system("burst_watch")


async def make_busy(desk: Helpdesk) -> Clustered:
    """A tenant with a burst, two near-duplicates, a stuck ticket and a day's figures."""
    world = clustered(desk)
    functions = desk.functions
    await insight.save_burst(
        functions, desk.tenant, world.mail, seen_at=NOW, window_minutes=10, tickets=9, expected=0.5, probability=1e-9,
        actor=WATCHER,
    )  # fmt: skip
    world.open_tickets(world.mail, [NOW - timedelta(hours=1)] * 2, subject="Outlook does not open my mailbox")
    for hours in range(1, 12):
        world.open_tickets(world.network, [NOW - timedelta(days=20)], solved_within=timedelta(hours=hours))
    world.open_tickets(world.network, [NOW - timedelta(days=5)], subject="Still no network")
    await insight.refresh_cluster_times(functions, desk.tenant)
    desk.run(
        "insert into autopilot.analytics_cluster_daily (organization_id, cluster_id, day, total_tickets,"
        " automated_count) values (%s, %s, %s, 8, 4)",
        desk.tenant, world.mail, NOW.date(),
    )  # fmt: skip
    return world


@pytest.fixture
async def busy(api: Api, database_url: str) -> Clustered:
    return await make_busy(Helpdesk(api.access, database_url, api.tenant))


async def test_a_tenant_reads_its_insight_and_nobody_elses(api: Api, busy: Clustered) -> None:
    ours, theirs = api.as_user("reviewer", sub="rita"), api.as_user(tenant=api.other_tenant)

    async def read(path: str, **params: object) -> list[dict[str, object]]:
        assert (await theirs.get(f"{PATH}/{path}")).json()["items"] == []
        answer = await ours.get(f"{PATH}/{path}", params=params)
        assert answer.status_code == 200, answer.text
        items: list[dict[str, object]] = answer.json()["items"]
        return items

    [alert] = await read("bursts", current=True)
    assert (alert["cluster"], alert["status"], alert["tickets"]) == ("Mail", "open", 9)
    taken = await ours.post(f"{PATH}/bursts/{alert['id']}/acknowledge")
    assert (taken.status_code, taken.json()["acknowledged_by"]) == (200, "rita")
    assert (await ours.post(f"{PATH}/bursts/{alert['id']}/acknowledge")).status_code == 409
    assert (await theirs.post(f"{PATH}/bursts/{alert['id']}/acknowledge")).status_code == 404
    [group] = await read("duplicates", cluster_id=str(busy.mail))
    assert len(group["tickets"]) == 2  # type: ignore[arg-type]
    [stuck] = await read("stuck")
    assert (stuck["subject"], stuck["usual_hours"]) == ("Still no network", 10)
    [day] = await read("trend")
    assert (day["day"], day["total_tickets"]) == (NOW.date().isoformat(), 8)
    saved = (await ours.get(f"{PATH}/savings")).json()
    assert (saved["automated"], saved["hours"]) == (4, 1.0)


async def test_days_that_are_no_range_and_wrong_pages_are_refused(api: Api) -> None:
    user = api.as_user()
    for params in (
        {"first_day": "2026-02-01", "last_day": "2026-01-01"}, {"first_day": "2020-01-01", "last_day": "2026-01-01"},
        {"last_day": "0001-01-01"}, {"first_day": "soon"}, {"cluster_id": "1"},
    ):  # fmt: skip
        for path in ("trend", "savings"):
            assert (await user.get(f"{PATH}/{path}", params=params)).status_code == 422
    for path in ("bursts", "stuck"):
        assert (await user.get(f"{PATH}/{path}", params={"after": "x"})).status_code == 400
    assert (await user.get(f"{PATH}/duplicates", params={"days": 0})).status_code == 422
    for path in ("bursts", "stuck", "duplicates", "trend", "savings"):
        answer = await user.get(f"{PATH}/{path}", params={"tenant_id": str(api.other_tenant)})
        assert answer.status_code == 404


class Run:
    """Runs commands of autopilot for a tenant. Raises the error that they end with."""

    def __init__(self, world: Clustered) -> None:
        self.world = world

    def __call__(self, *words: str) -> str:
        ran = CliRunner().invoke(app, ["autopilot", *words, "--tenant", str(self.world.desk.tenant)])
        if isinstance(ran.exception, ControlPlaneError):
            raise ran.exception
        assert ran.exit_code == 0, ran.output
        return ran.stdout


@pytest.fixture
def run(database_url: str, bare: None, monkeypatch: pytest.MonkeyPatch) -> Run:
    del bare
    monkeypatch.setenv("DATABASE_URL", database_url)

    async def make() -> Clustered:
        async with postgres_access(database_url, pool_size=2) as access:
            return await make_busy(await open_helpdesk(access, database_url))

    return Run(asyncio.run(make()))


def test_trouble_is_listed(run: Run) -> None:
    assert "Mail" in run("insight", "bursts", "--current")
    [alert] = json.loads(run("insight", "bursts", "--json"))
    assert run("insight", "acknowledge", alert["id"], "--by", "maria") == f"acknowledged {alert['id']}\n"
    assert json.loads(run("insight", "bursts", "--json"))[0]["acknowledged_by"] == "maria"
    assert "2 tickets" in run("insight", "duplicates", "--days", "2")
    assert "Still no network" in run("insight", "stuck")
    assert run("insight", "stuck", "--cluster", str(run.world.mail)) == "no stuck tickets\n"
    assert "8 tickets" in run("insight", "trend")
    assert run("insight", "savings") == "4 of 8 tickets answered automatically: 1 h, 0 at 0 an hour\n"
    assert run("notifications") == "no notifications\n"


def test_queues_are_connected_to_a_broker_of_the_settings(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(InvalidInput, match="no broker named 'events'"):
        run("connect-queues", "events", "--by", "maria")
    monkeypatch.setenv("ACP_AMQP_BROKERS", '{"events": {"url": "amqp://acp:hush@broker.example/prod"}}')
    assert "AUTOPILOT__data_source_status sends to the queue data_source_status" in run("connect-queues", "events")
    monkeypatch.setenv("ACP_AMQP_BROKERS", '{"events": {"url": "acp:hush@broker.example"}}')
    with pytest.raises(SettingsError, match="must be an amqp:// or amqps:// URL") as refused:
        run("connect-queues", "events")
    assert "hush" not in str(refused.value)
