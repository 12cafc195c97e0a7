"""Connections, runs, failures and settings from the command line."""

import asyncio
import json
from uuid import UUID

import pytest
from typer.testing import CliRunner

from control_plane.__main__ import app
from services.backends.open import postgres_access
from services.errors import ControlPlaneError, StateConflict
from tests.control_plane.apps.autopilot.helpdesk import open_helpdesk


class Run:
    """Runs commands for a tenant. Raises the error that they end with."""

    def __init__(self, tenant: UUID, url: str) -> None:
        self.tenant, self.url = str(tenant), url

    def __call__(self, *words: object, ends_with: int = 0) -> str:
        ran = CliRunner().invoke(app, ["autopilot", *map(str, words), "--tenant", self.tenant])
        if isinstance(ran.exception, ControlPlaneError):
            raise ran.exception
        assert ran.exit_code == ends_with, ran.output
        return ran.stdout


@pytest.fixture
def run(database_url: str, bare: None, monkeypatch: pytest.MonkeyPatch) -> Run:
    del bare
    monkeypatch.setenv("DATABASE_URL", database_url)

    async def make() -> UUID:
        async with postgres_access(database_url, pool_size=2) as access:
            return (await open_helpdesk(access, database_url)).tenant

    return Run(asyncio.run(make()), database_url)


def test_a_sync_is_started_shown_and_cancelled(run: Run) -> None:
    connection = run("add-connection", "jira", "Helpdesk").split()[1]
    started = run("sync", connection).split()[1]
    with pytest.raises(StateConflict, match=started):
        run("sync", connection)
    assert started in run("runs", "--connection", connection)
    assert json.loads(run("show-run", started, "--json"))["status"] == "pending"
    assert "0 tickets" in run("show-run", started)
    assert run("cancel-run", started).split() == ["cancelled", started]
    assert "cancelled" in run("runs")


def test_a_connection_without_a_login_is_not_valid(run: Run) -> None:
    connection = run("add-connection", "jira", "Helpdesk", "--options", '{"url": "https://acme.example"}').split()[1]
    assert run("verify-connection", connection, ends_with=1) == (
        f"authentication_failed: connection {connection} has no login for jira\n"
    )


def test_failures_are_listed_and_dismissed(run: Run) -> None:
    async def add() -> None:
        async with postgres_access(run.url, pool_size=1) as access:
            desk = await open_helpdesk(access, run.url)
            desk.run(
                "insert into autopilot.message_processing_failures (organization_id, source, code, detail)"
                " values (%s, 'cluster_notification', 'payload_invalid', 'no tenant_id')",
                run.tenant,
            )

    asyncio.run(add())
    [failure] = json.loads(run("failures", "--state", "open", "--json"))
    assert "no tenant_id" in run("failures")
    with pytest.raises(StateConflict, match="was not kept"):
        run("redrive", failure["id"])
    assert run("dismiss", failure["id"]) == f"dismissed {failure['id']}\n"
    assert run("failures", "--state", "open") == "no failures\n"


def test_settings_and_words_are_saved(run: Run) -> None:
    assert json.loads(run("save-settings", "--run-hours", 12, "--json"))["run_hours"] == 12
    assert ["run_hours", "12"] in [line.split() for line in run("settings").splitlines()]
    run("save-word", "jira", "status", "In Review", "pending")
    assert run("words").split() == ["jira", "status", "in", "review", "pending"]
    run("save-word", "jira", "status", "In Review")
    assert run("words") == "no words\n"
