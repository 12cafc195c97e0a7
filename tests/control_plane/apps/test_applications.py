"""An application is its folder, its line in the list and its schema: every door finds what it offers."""

import importlib
import json
import subprocess
import sys
from collections.abc import Iterator
from uuid import UUID

import pytest
import typer
from typer.testing import CliRunner

from control_plane import apps
from control_plane.apps import APPLICATIONS, Application, event_types, offered
from control_plane.cli.applications import commands_of
from control_plane.console.app import mount
from control_plane.console.render import environment
from control_plane.console.static_files import static_files
from control_plane.jobs import registry
from services.audit_log import AuditEntry
from services.deliver_events import deliver_events
from services.distribution import Extra
from services.errors import NotReady
from services.subscriptions import SubscriptionKey
from tests.builders import operator
from tests.contract.test_subscriptions import deliveries
from tests.control_plane.api.conftest import Api, api
from tests.control_plane.mcp.conftest import Door, door

__all__ = ["api", "door"]

FAXES = Application("faxes", "tests.control_plane.apps.faxes", "Send faxes.", Extra("faxes", "faxes", ("json",)))
LACKING = Application("lacking", FAXES.package, "Send faxes.", Extra("lacking", "faxes", ("no_such_module",)))
LINE = "faxes is not installed (missing: no_such_module): pip install 'agent-outbox-control-plane[lacking]'"


@pytest.fixture(autouse=True)
def listed(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The list with two more applications; of one the extra is not installed."""
    monkeypatch.setattr(apps, "APPLICATIONS", (*APPLICATIONS, FAXES, LACKING))
    caches = (environment, static_files)
    for cache in caches:
        cache.cache_clear()
    yield
    for cache in caches:
        cache.cache_clear()


async def test_the_api_serves_its_routes(api: Api) -> None:
    assert (await api.as_user().get("/v1/faxes")).json() == {"of": str(api.tenant)}
    document = (await api.as_user().get("/openapi.json")).json()
    assert {"name": "faxes", "description": "what was sent to the one machine that still listens."} in document["tags"]


async def test_the_console_shows_its_pages_with_a_link_and_its_own_files(api: Api) -> None:
    mount(api.app)
    cookie = f"acp_session={api.as_user().token}~{'9' * 32}"
    page = await api.http.get("/console/faxes", headers={"Cookie": cookie})
    assert page.status_code == 200
    assert '<p id="faxes">1 fax</p>' in page.text
    assert page.text.count('href="/console/faxes" aria-current="page"') == 1
    [style] = [word.split('"')[1] for word in page.text.split() if word.startswith('href="') and "faxes.css" in word]
    assert (await api.http.get(style)).text == "#faxes { color: gray }\n"


async def test_its_audit_rows_become_events(api: Api) -> None:
    body = {"url": "https://example.com/hooks", "event_types": ["fax.*"]}
    created = (await api.as_user().post("/v1/webhooks", json=body)).json()["webhook"]
    refused = await api.as_user().post("/v1/webhooks", json={**body, "event_types": ["fox.*"]})
    assert (refused.status_code, "fax.sent" in refused.json()["detail"]) == (422, True)
    backends, key = api.access.operator, SubscriptionKey(api.tenant, UUID(created["id"]))
    for category in ("fax.sent", "fax.lost"):
        entry = AuditEntry(tenant_id=api.tenant, actor=operator("olga"), category=category, payload={"pages": 2})
        await backends.audit_log.append([entry])
    assert await deliver_events(backends, key, more_types=event_types()) == 1
    [delivery] = await deliveries(backends, key)
    assert delivery.arguments["type"] == "fax.sent"
    document = (await api.as_user().get("/openapi.json")).json()
    assert document["webhooks"]["fax.sent"]["post"]["description"] == "A fax was sent."


def test_the_command_line_has_its_commands() -> None:
    group = typer.Typer()
    group.add_typer(commands_of(FAXES), name="faxes")
    group.command("other")(print)
    assert CliRunner().invoke(group, ["faxes", "count"]).output == "1 fax\n"
    assert "Count the faxes." in CliRunner().invoke(group, ["faxes", "--help"]).output


def test_the_scheduler_runs_its_jobs(monkeypatch: pytest.MonkeyPatch) -> None:
    assert list(importlib.reload(registry).JOBS)[-1] == "faxes_send"
    monkeypatch.undo()
    assert "faxes_send" not in importlib.reload(registry).JOBS


async def test_agents_call_its_mcp_tools_with_the_scope_that_each_needs(door: Door) -> None:
    async with door.connect(await door.token("read")) as agent:
        assert "count_faxes" in [tool.name for tool in (await agent.client.list_tools()).tools]
        assert await agent.call("count_faxes", pages=2) == (f"{door.api.tenant} {{'pages': 2}}", False)
    async with door.connect(await door.token("propose")) as agent:
        assert await agent.call("count_faxes") == ("token: lacks the scope read", True)


def test_without_its_extra_an_application_offers_nothing_and_its_commands_name_the_extra() -> None:
    assert [noun.__name__ for noun in offered("routes", "NOUNS")].count(f"{FAXES.package}.routes") == 1
    group = typer.Typer()
    group.add_typer(commands_of(LACKING), name="lacking")
    group.command("other")(print)
    refused = CliRunner().invoke(group, ["lacking", "count"])
    assert isinstance(refused.exception, NotReady)
    assert str(refused.exception) == LINE


def test_commands_of_the_core_import_no_application() -> None:
    """So that an application makes no other command slower."""
    program = (
        "import sys, runpy, json; sys.argv = ['control_plane', '--help']\n"
        "try: runpy.run_module('control_plane', run_name='__main__')\n"
        "except SystemExit: pass\n"
        "print('\\n' + json.dumps([name for name in sys.modules if name.startswith('control_plane.apps.')]))"
    )
    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert json.loads(ended.stdout.splitlines()[-1]) == []
