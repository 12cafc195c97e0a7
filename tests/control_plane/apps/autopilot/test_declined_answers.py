"""A person declines a proposed answer by any door, and autopilot answers no more tickets of its cluster."""

import asyncio
from typing import Any

import pytest
from playwright.async_api import expect
from typer.testing import CliRunner

from control_plane.__main__ import app
from control_plane.apps.autopilot.jobs import ticket_responses, ticket_settlements
from control_plane.jobs import make_context
from control_plane.settings import read_settings
from services.tools.dispatch import Tools
from tests.control_plane.api.deciding import ask_people, work
from tests.control_plane.apps.autopilot.clustered import open_clustered
from tests.control_plane.apps.autopilot.helpdesk import Helpdesk
from tests.control_plane.console.conftest import Console, OpenPage


async def by_api(console: Console, call: dict[str, Any], _open_page: OpenPage) -> None:
    body = {"digest": call["digest"], "code": "too_risky", "reason": "no"}
    rejected = await console.api.as_user("reviewer").post(f"/v1/approvals/{call['envelope']['id']}/reject", json=body)
    assert rejected.status_code == 200, rejected.text


async def by_cli(_console: Console, call: dict[str, Any], _open_page: OpenPage) -> None:
    words = ["approvals", "reject", call["envelope"]["id"], "--code", "too_risky", "--reason", "no"]
    ran = await asyncio.to_thread(CliRunner().invoke, app, words)
    assert ran.exit_code == 0, ran.output


async def by_console(console: Console, _call: dict[str, Any], open_page: OpenPage) -> None:
    page = await open_page(console, "reviewer", "/console/approvals")
    await page.keyboard.press("j")
    await page.keyboard.press("Enter")
    await expect(page.locator("#approve")).to_be_attached()
    await page.keyboard.press("r")
    await page.locator("#reject select").select_option("too_risky")
    await page.locator("#reject textarea").fill("no")
    await page.get_by_role("button", name="Reject", exact=True).last.click()
    await expect(page.locator(".toast")).to_contain_text("Rejected.")


@pytest.mark.parametrize("decline", [by_api, by_cli, by_console])
async def test_a_declined_answer_demotes_its_cluster(
    postgres_console: Console, open_page: OpenPage, database_url: str, monkeypatch: pytest.MonkeyPatch, decline: Any
) -> None:
    monkeypatch.setenv("DATABASE_URL", database_url)
    api = postgres_console.api
    context = make_context(read_settings(), api.access.operator, Tools(concurrency=1), tenant=api.tenant)
    clustered = await open_clustered(Helpdesk(api.access, database_url, api.tenant))
    await clustered.answer_with_a_tool()
    await clustered.make_ready()
    await clustered.set_auto_respond()
    await ask_people(api)
    clustered.add("INC1")
    await ticket_responses.run(context)
    assert await work(api) == []
    [call] = (await api.as_operator().get("/v1/approvals")).json()["items"]
    await decline(postgres_console, call, open_page)
    await ticket_settlements.run(context)
    assert clustered.config() == {"auto_respond": False}
    assert clustered.desk.audit().count("cluster.demoted") == 1
    clustered.add("INC2")
    await ticket_responses.run(context)
    assert (await api.as_operator().get("/v1/approvals")).json()["items"] == []
    assert await work(api) == []
