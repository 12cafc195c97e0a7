"""Tickets become clusters, a gap becomes an article, and a new ticket gets one answer. People use only a browser.

PostgreSQL, the console and Chromium are real; the ticket system is a mock of ServiceNow, and the worker calls a tool
that records its calls.
"""

import json
import re
from dataclasses import dataclass
from datetime import timedelta
from itertools import groupby
from typing import Any

import pytest
from playwright.async_api import Page, expect

from control_plane.apps.autopilot.jobs import (
    ingestion_runs,
    knowledge_match,
    model_training,
    ticket_dry_runs,
    ticket_responses,
    ticket_settlements,
)
from control_plane.jobs import JobContext
from services.clock import utc_now
from services.tools.dispatch import Tools
from tests.builders import a_tool, operator
from tests.control_plane.api.deciding import ask_people
from tests.control_plane.apps.autopilot.helpdesk import Helpdesk
from tests.control_plane.apps.autopilot.made_up_tickets import MadeUp, made_up_tickets
from tests.control_plane.apps.autopilot.servicenow_server import ServiceNowServer, an_incident
from tests.control_plane.console.conftest import Console, OpenPage, browser, open_page, postgres_console
from tests.control_plane.console.test_approvals import read_all
from tests.worker.world import World

__all__ = ["browser", "open_page", "postgres_console"]  # fixtures
pytestmark = pytest.mark.slow
PUBLISH, ANSWER = "KB__publish_article", "HELPDESK__answer_ticket"
TICKETS = 700
SOLUTION = "Reinstalled the VPN profile."
OLIVIA, ROSA, WORKER = ("user", "olivia"), ("user", "rosa"), ("worker", "w1")
SYNCED = [("tickets.stored", "system", "ingestion_runs"), ("ingestion_run.completed", "system", "ingestion_runs")]
SENT = [
    ("envelope.awaiting_approval", *WORKER), ("envelope.approved", *ROSA), ("envelope.success", *WORKER),
]  # fmt: skip
STEPS = [
    ("ticket_connection.added", *OLIVIA), ("autopilot.settings_saved", *OLIVIA),
    ("ingestion_run.started", *ROSA), SYNCED[0], ("ingestion_run.started", "system", "ingestion_runs"), SYNCED[1],
    ("model.stored", "system", "ingestion_runs"), ("model.activated", "system", "ingestion_runs"), SYNCED[1],
    ("cluster.matched", "system", "knowledge_match"),
    ("envelope.proposed", *OLIVIA), ("article.drafted", *OLIVIA), *SENT,
    ("article.published", "system", "ticket_settlements"), ("cluster.matched", "system", "knowledge_match"),
    ("dry_run.started", *ROSA), ("dry_run.completed", "system", "ticket_dry_runs"), ("tickets.judged", *ROSA),
    ("cluster.auto_respond_set", *OLIVIA),
    ("ingestion_run.started", *ROSA), *SYNCED,
    ("envelope.proposed", "system", "ticket_responses"), ("response.proposed", "system", "ticket_responses"), *SENT,
    ("response.sent", "system", "ticket_settlements"),
]  # fmt: skip
"""Category, type and id of the actor of each audit row. Equal rows one after the other count once."""


@dataclass(frozen=True)
class Journey:
    """A tenant with a console, its ticket system, a worker, and two people: olivia is an owner, rosa a reviewer."""

    console: Console
    desk: Helpdesk
    server: ServiceNowServer
    world: World
    olivia: Page
    rosa: Page

    async def run(self, *jobs: Any) -> None:
        """The scheduler starts these jobs."""
        context = JobContext(
            backends=self.desk.access.operator, tools=Tools(concurrency=1), rules={}, keep_settled=timedelta(days=90),
            tenant=self.desk.tenant, allowed_hosts=(self.server.host,),
        )  # fmt: skip
        for job in jobs:
            report = await job.run(context)
            assert report.problem is None

    async def go(self, page: Page, path: str) -> None:
        await page.goto(f"{self.console.url}/console{path}")

    async def approve(self, tool_slug: str) -> None:
        """Rosa approves the only call that waits for a person, after she has read all of it."""
        await self.go(self.rosa, "/approvals")
        await expect(self.rosa.locator("main [data-row]")).to_have_count(1)
        await self.rosa.keyboard.press("j")
        await self.rosa.keyboard.press("Enter")
        await expect(self.rosa.locator("h1")).to_have_text(tool_slug)
        await read_all(self.rosa)
        await self.rosa.keyboard.press("a")
        await self.rosa.keyboard.press("Enter")
        await expect(self.rosa.locator(".toast")).to_contain_text("Approved.")

    async def sent(self, calls: int) -> None:
        """The worker has made so many calls in all, the last one has ended, and autopilot knows of it."""
        ids = await self.world.stage.called(calls)
        self.world.tenant_of[ids[-1]] = self.desk.tenant
        await self.world.become("success", ids[-1])
        await self.run(ticket_settlements)

    def audit(self) -> list[tuple[str, str, str]]:
        """What was done since the tenant was made, as in `STEPS`."""
        rows = self.desk.run(
            "select category, actor_type, actor_id from audit_log where tenant_id = %s and actor_type <> 'operator'"
            " order by seq", self.desk.tenant,
        )  # fmt: skip
        return [(category, kind, actor) for (category, kind, actor), _ in groupby(rows)]


def a_new_ticket(subject: str) -> MadeUp:
    """Somebody asks the same a minute from now: the ticket system tells times in whole seconds."""
    moment = utc_now() + timedelta(minutes=1)
    return MadeUp(
        number=9001, category="Network", subcategory="VPN", subject=subject,
        description=f"{subject} in Berlin. A restart did not help.", priority=3,
        requester="Maria Lopez", assignee=None, created_at=moment, updated_at=moment, resolved_at=None, resolution=None,
    )  # fmt: skip


async def set_up(journey: Journey, monkeypatch: pytest.MonkeyPatch) -> None:
    """Olivia connects the ticket system and names the tools."""
    page = journey.olivia
    await journey.go(page, "/syncs")
    await page.get_by_role("button", name="Connect a system").click()
    dialog = page.get_by_role("dialog")
    await dialog.get_by_label("Name").fill("Service desk")
    await dialog.get_by_label("Options").fill(json.dumps({"url": journey.server.url, "page_size": 500}))
    await dialog.get_by_role("button", name="Connect").click()
    await expect(page.locator("#connections")).to_contain_text("Service desk")
    [(connection,)] = journey.desk.run(
        "select id from autopilot.data_source_connections where organization_id = %s", journey.desk.tenant
    )
    login = {
        "tenant_id": str(journey.desk.tenant), "connection_id": str(connection), "connection_type": "servicenow",
        "host": journey.server.host, "user": journey.server.USER, "password": journey.server.PASSWORD,
    }  # fmt: skip
    monkeypatch.setenv("ACP_AUTOPILOT_LOGINS", json.dumps({"desk": login}))
    await journey.go(page, "/syncs/settings")
    await page.get_by_label("Publishes articles").fill(PUBLISH)
    await page.get_by_label("Answers tickets").fill(ANSWER)
    await page.get_by_role("button", name="Save the settings").click()
    await expect(page.locator(".toast")).to_be_visible()


async def sync(journey: Journey, tickets: int) -> None:
    """Rosa syncs, and sees how many tickets came."""
    await journey.go(journey.rosa, "/syncs")
    await journey.rosa.get_by_role("button", name="Sync now").click()
    await expect(journey.rosa.locator("#connections")).to_contain_text("syncing")
    await journey.run(ingestion_runs, model_training, ingestion_runs, knowledge_match)
    ended = journey.desk.run(
        "select kind, status, error_message, error_detail from autopilot.ingestion_runs where organization_id = %s"
        " order by created_at desc", journey.desk.tenant,
    )  # fmt: skip
    assert {status for _, status, *_ in ended} == {"completed"}, ended
    await journey.go(journey.rosa, "/clusters")
    await expect(journey.rosa.locator(".tile", has_text="Tickets").locator("strong")).to_have_text(str(tickets))


async def close_the_gap(journey: Journey) -> str:
    """Olivia drafts an article for the cluster about VPN, and rosa approves it. Returns the path of the cluster."""
    page = journey.olivia
    await journey.go(page, "/clusters/models")
    await expect(page.locator("#models tbody tr")).to_contain_text(["active"])
    await journey.go(page, "/clusters")
    row = page.locator("#clusters tbody tr", has_text="VPN").first
    await expect(row.locator(".badge").first).to_have_text("gap")
    await row.get_by_role("link").click()
    await expect(page.locator("#cluster")).to_contain_text("no knowledge was found for it")
    path = "/clusters/" + page.url.rpartition("/")[2]
    await page.get_by_role("button", name="Draft an article").click()
    draft = page.locator("#article-drafts [data-row]")
    await expect(draft).to_contain_text(SOLUTION)
    await expect(draft.locator("blockquote").first).to_be_visible()
    await expect(draft).to_contain_text(re.compile(r"INC\d{7}"))
    await journey.approve(PUBLISH)
    await journey.sent(1)
    await expect(draft.locator("h2 .badge")).to_have_text("published")
    await journey.run(knowledge_match)
    await journey.go(page, path)
    await expect(page.locator("#cluster .badge", has_text="knowledge").first).to_be_visible()
    return path


async def make_ready(journey: Journey, path: str) -> None:
    """Rosa compares past answers, and judges tickets until the cluster is ready."""
    page = journey.rosa
    await journey.go(page, path)
    await page.get_by_role("button", name="Start a dry-run").click()
    await expect(page.locator("#dry-run")).to_contain_text("pending")
    await journey.run(ticket_dry_runs)
    await expect(page.locator("#dry-run")).to_contain_text("completed")
    await expect(page.get_by_role("button", name="Cancel")).to_have_count(0)
    case = page.locator("#dry-run tbody tr", has_text="Hello").first
    await expect(case.locator("td").nth(1)).to_have_text(SOLUTION)
    await expect(case.locator("td").nth(2)).to_contain_text(SOLUTION)
    await page.get_by_role("link", name="Cluster", exact=True).click()
    for trusted in (5, 10, 15):
        await page.get_by_role("button", name="They belong here").click()
        await expect(page.locator("#cluster")).to_contain_text(f"{trusted} of 16 tickets are trusted")
    await expect(page.locator("#cluster")).to_contain_text("Everything that is needed is there.")
    await expect(page.get_by_role("button", name="Switch on")).to_have_count(0)  # for owners


async def test_a_gap_is_closed_and_a_new_ticket_gets_exactly_one_approved_answer(
    postgres_console: Console, open_page: OpenPage, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    api = postgres_console.api
    desk, world = Helpdesk(api.access, database_url, api.tenant), World(api.access.operator, database_url)
    tools = [a_tool(tenant_id=api.tenant, tool_slug=slug) for slug in (PUBLISH, ANSWER)]
    await api.access.operator.catalog.save(tools, actor=operator("olga"))
    await ask_people(api)
    olivia, rosa = (postgres_console.token("owner", sub="olivia"), postgres_console.token("reviewer", sub="rosa"))
    people = [await open_page(postgres_console, "owner", "/console/", token=each) for each in (olivia, rosa)]
    async with ServiceNowServer(made_up_tickets(TICKETS)) as server, world.working():
        journey = Journey(postgres_console, desk, server, world, *people)
        await set_up(journey, monkeypatch)
        await sync(journey, TICKETS)
        path = await close_the_gap(journey)
        await make_ready(journey, path)
        await journey.go(journey.olivia, path)
        await journey.olivia.get_by_role("button", name="Switch on").click()
        await expect(journey.olivia.get_by_role("button", name="Switch off")).to_be_visible()

        typical = journey.olivia.locator("[id^=example-] td.wrap").first
        server.put(an_incident(a_new_ticket(await typical.inner_text())))
        await sync(journey, TICKETS + 1)
        await journey.run(ticket_responses, ticket_responses)
        await journey.approve(ANSWER)
        await journey.sent(2)
        await journey.run(ticket_responses)
        await journey.go(journey.rosa, "/tickets?search=INC0009001")
        await journey.rosa.get_by_role("link", name="INC0009001").click()
        await expect(journey.rosa.locator("#ticket .badge", has_text="sent")).to_be_visible()
        await world.let_pass()

    published, answered = world.stage.calls
    assert (published.tool.tool_slug, set(published.arguments)) == (PUBLISH, {"title", "content"})
    assert (answered.tool.tool_slug, answered.arguments["ticket"]) == (ANSWER, "INC0009001")
    assert answered.arguments["text"].startswith(f"Hello Maria Lopez,\n\n{SOLUTION}\n\nMore about this: ")
    assert journey.audit() == STEPS
