"""From judging to switching on, from the command line."""

import asyncio
import json
from dataclasses import dataclass

import pytest
from typer.testing import CliRunner

from control_plane.__main__ import app
from services.backends.open import postgres_access
from services.errors import ControlPlaneError, NotFound, StateConflict
from tests.control_plane.apps.autopilot.clustered import open_clustered
from tests.control_plane.apps.autopilot.helpdesk import open_helpdesk


@dataclass
class Run:
    """Runs commands for a tenant with a cluster. Raises the error that they end with."""

    tenant: str
    cluster: str
    tickets: list[str]

    def __call__(self, *words: object) -> str:
        ran = CliRunner().invoke(app, ["autopilot", *map(str, words), "--tenant", self.tenant])
        if isinstance(ran.exception, ControlPlaneError):
            raise ran.exception
        assert ran.exit_code == 0, ran.output
        return ran.stdout


@pytest.fixture
def run(database_url: str, bare: None, monkeypatch: pytest.MonkeyPatch) -> Run:
    del bare

    async def make() -> Run:
        async with postgres_access(database_url, pool_size=2) as access:
            clustered = await open_clustered(await open_helpdesk(access, database_url))
            clustered.desk.run("update autopilot.clusters set validation_target = 2")
            clustered.add_article()
            tickets = clustered.add_resolved(12)
            return Run(str(clustered.desk.tenant), str(clustered.cluster), [str(each) for each in tickets])

    monkeypatch.setenv("DATABASE_URL", database_url)
    return asyncio.run(make())


def test_a_cluster_is_judged_tried_and_switched_on(run: Run) -> None:
    first, second, third, *_ = [each["id"] for each in json.loads(run("samples", run.cluster, "--json"))]
    assert run("judge", run.cluster, "--trusted", first, "--trusted", second, "--by", "olga").startswith("judged 2;")
    assert first not in run("samples", run.cluster)
    with pytest.raises(StateConflict, match="no dry-run has ended"):
        run("auto-respond", run.cluster, "on")
    assert "missing: no dry-run has ended with its present articles" in run("readiness", run.cluster)
    done = json.loads(run("dry-run", run.cluster, "--tickets", 10, "--json"))
    assert (done["status"], done["done"], done["answered"]) == ("completed", 10, 10)
    assert done["id"] in run("dry-runs", run.cluster)
    shown = run("dry-run-cases", done["id"])
    assert "people: Reinstalled the VPN profile" in shown
    assert "autopilot (VPN, similarity 0." in shown
    assert run("readiness", run.cluster).endswith("automatic response: off\nready\n")
    assert run("auto-respond", run.cluster, "on") == f"automatic response of cluster {run.cluster}: on\n"
    assert json.loads(run("readiness", run.cluster, "--json"))["auto_respond"] is True
    assert run("responses", "--state", "sent") == "no responses\n"
    run("auto-respond", run.cluster, "off")
    assert run("judge", run.cluster, "--wrong", third).startswith("judged 1;")


def test_what_is_not_there_is_named(run: Run) -> None:
    with pytest.raises(NotFound, match="dry-run"):
        run("dry-run-cases", run.tenant)
    with pytest.raises(NotFound, match="dry-run"):
        run("cancel-dry-run", run.tenant)
    with pytest.raises(NotFound, match="the active model has no cluster"):
        run("readiness", run.tenant)
    assert "no ticket" in run("judge", run.cluster, "--trusted", run.tenant)
