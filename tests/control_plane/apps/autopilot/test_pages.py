"""The console pages of autopilot in a real browser."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

import pytest
from playwright.async_api import Page, expect

from control_plane.apps.autopilot.runs import RunError
from control_plane.apps.autopilot.store import runs
from control_plane.apps.autopilot.values import TicketProblem
from tests.control_plane.apps.autopilot.helpdesk import WORKER, Helpdesk, a_ticket
from tests.control_plane.console.browser import PHONE, find_barriers
from tests.control_plane.console.conftest import Console, OpenPage

HOSTILE = "<script>document.title='hacked'</script><img src=x onerror=alert(1)>"
BURST = (
    "insert into autopilot.burst_alerts (organization_id, status, started_at, seen_at, window_minutes, tickets,"
    " expected, probability) values (%s, 'open', now(), now(), 15, 40, 2.5, 1e-9)"
)


@dataclass
class Desk:
    """The console, and the helpdesk of its first tenant."""

    console: Console
    helpdesk: Helpdesk

    async def open(self, open_page: OpenPage, path: str, person: Any = "reviewer", **options: Any) -> Page:
        return await open_page(self.console, person, f"/console{path}", **options)


@pytest.fixture
async def desk(postgres_console: Console, database_url: str) -> Desk:
    api = postgres_console.api
    return Desk(postgres_console, Helpdesk(api.access, database_url, api.tenant))


async def test_a_reviewer_starts_a_sync_and_cancels_it(desk: Desk, open_page: OpenPage) -> None:
    await desk.helpdesk.connect("Help desk")
    page = await desk.open(open_page, "/syncs")
    await page.get_by_role("button", name="Sync now").click()
    await expect(page.locator("#connections")).to_contain_text("syncing")
    await expect(page.get_by_role("button", name="Sync now")).to_have_count(0)
    await page.get_by_role("link", name="Runs").click()
    await expect(page.locator("#runs")).to_contain_text("Help desk")
    await page.get_by_role("button", name="Cancel").click()
    await expect(page.locator("#runs")).to_contain_text("cancelled")
    await expect(page.get_by_role("button", name="Cancel")).to_have_count(0)


async def test_an_owner_disables_a_connection(desk: Desk, open_page: OpenPage) -> None:
    await desk.helpdesk.connect("Help desk")
    page = await desk.open(open_page, "/syncs", "owner")
    await page.get_by_role("button", name="Disable").click()
    await expect(page.locator("#connections")).to_contain_text("disabled")
    await page.get_by_role("button", name="Enable").click()
    await expect(page.get_by_role("button", name="Sync now")).to_be_visible()


async def test_a_failed_run_shows_why_and_what_to_do(desk: Desk, open_page: OpenPage) -> None:
    connection = await desk.helpdesk.connect("Help desk")
    run = await desk.helpdesk.sync(connection.id)
    detail = {"problem": f"acme.example does not accept the login {HOSTILE}"}
    await runs.fail_run(desk.helpdesk.functions, run, RunError.AUTHENTICATION_FAILED, detail=detail, actor=WORKER)
    page = await desk.open(open_page, "/syncs/runs")
    await expect(page.locator("#runs")).to_contain_text("authentication failed")
    await expect(page.locator("#runs")).to_contain_text("acme.example does not accept the login <script>")
    await expect(page.locator("#runs")).to_contain_text("ACP_AUTOPILOT_LOGINS")
    await expect(page).to_have_title("Ingestion runs · Agent Control Plane")


async def test_a_failure_is_processed_again_or_dismissed(desk: Desk, open_page: OpenPage) -> None:
    connection = await desk.helpdesk.connect("Help desk")
    run = await desk.helpdesk.sync(connection.id)
    problems = tuple(
        TicketProblem(external_id=number, code="subject_missing", detail=f"subject is empty {HOSTILE}")
        for number in ("INC1", "INC2")
    )
    await desk.helpdesk.store(run, a_ticket("INC3"), problems=problems)
    page = await desk.open(open_page, "/syncs/failures")
    await expect(page.locator("#failures tbody tr")).to_have_count(2)
    await page.locator("tr", has_text="INC1").get_by_role("button", name="Dismiss").click()
    await expect(page.locator("#failures tbody tr")).to_have_count(1)
    await page.get_by_role("button", name="Process again").click()
    await expect(page.get_by_role("heading", name="Nothing here")).to_be_visible()
    await page.get_by_role("link", name="dismissed").click()
    await expect(page.locator("#failures tbody tr")).to_contain_text(["INC1"])


async def test_a_burst_is_acknowledged(desk: Desk, open_page: OpenPage) -> None:
    desk.helpdesk.run(BURST, desk.helpdesk.tenant)
    page = await desk.open(open_page, "/insight")
    await page.get_by_role("button", name="I take care of it").click()
    await expect(page.locator("#insight")).to_contain_text("acknowledged")
    await expect(page.get_by_role("button", name="I take care of it")).to_have_count(0)


async def test_a_member_changes_nothing(desk: Desk, open_page: OpenPage) -> None:
    await desk.helpdesk.connect("Help desk")
    desk.helpdesk.run(BURST, desk.helpdesk.tenant)
    for path in ("/syncs", "/syncs/settings", "/insight"):
        page = await desk.open(open_page, path, "member")
        await expect(page.locator("main form:not([data-filters])")).to_have_count(0)


async def test_another_tenant_sees_nothing_of_it(desk: Desk, open_page: OpenPage) -> None:
    connection = await desk.helpdesk.connect("Help desk")
    run = await desk.helpdesk.sync(connection.id)
    await desk.helpdesk.store(run, a_ticket(), problems=(TicketProblem(external_id="INC1", code="odd", detail=""),))
    desk.helpdesk.run(BURST, desk.helpdesk.tenant)
    stranger = desk.console.token("owner", tenant=UUID(str(desk.console.api.other_tenant)))
    for path in ("/syncs", "/syncs/runs", "/syncs/failures", "/syncs/settings", "/insight", "/insight/duplicates"):
        page = await desk.open(open_page, path, "owner", token=stranger)
        await expect(page.locator("main [data-row]")).to_have_count(0)


async def test_the_pages_have_no_barriers_and_fit_a_phone(desk: Desk, open_page: OpenPage) -> None:
    connection = await desk.helpdesk.connect("Help desk")
    run = await desk.helpdesk.sync(connection.id)
    await desk.helpdesk.store(
        run, a_ticket(), problems=(TicketProblem(external_id="INC1", code="odd", detail=""),), records_estimated=10
    )
    desk.helpdesk.run(BURST, desk.helpdesk.tenant)
    for path in ("/syncs", "/syncs/runs", "/syncs/failures", "/syncs/settings", "/insight", "/insight/duplicates"):
        page = await desk.open(open_page, path, "owner", viewport=PHONE)
        assert await find_barriers(page) == []


async def test_an_owner_connects_changes_and_deletes_a_ticket_system(desk: Desk, open_page: OpenPage) -> None:
    page = await desk.open(open_page, "/syncs", "owner")
    await page.get_by_role("button", name="Connect a system").click()
    dialog = page.locator("#add")
    await dialog.get_by_label("Name").fill("Service desk")
    await dialog.get_by_label("Options").fill('{"url": "https://acme.service-now.com", "url": "x"}')
    await dialog.get_by_role("button", name="Connect").click()
    await expect(dialog.locator("[data-problem]")).to_contain_text("url")
    await dialog.get_by_label("Options").fill('{"url": "https://acme.service-now.com"}')
    await dialog.get_by_label("Minutes").fill("15")
    await dialog.get_by_role("button", name="Connect").click()
    await expect(page.locator("#connections")).to_contain_text("every 15 minutes")

    [[connection]] = desk.helpdesk.run("select id from autopilot.data_source_connections where name = 'Service desk'")
    change = page.locator(f"#change-{connection}")
    await page.get_by_role("button", name="Change").click()
    await change.get_by_label("Minutes").fill("0")
    await change.get_by_role("button", name="Save").click()
    await expect(page.locator("#connections")).to_contain_text("on request")
    await page.get_by_role("button", name="Delete").first.click()
    await page.locator(f"#delete-{connection}").get_by_role("button", name="Delete").click()
    await expect(page.locator("#connections")).to_contain_text("No ticket systems are connected")


async def test_an_owner_changes_settings_and_the_meaning_of_a_word(desk: Desk, open_page: OpenPage) -> None:
    page = await desk.open(open_page, "/syncs/settings", "owner")
    await page.get_by_label("Tickets for the first model").fill("0")
    await page.get_by_role("button", name="Save the settings").click()
    await expect(page.locator("[data-problem]").first).to_contain_text("needed_tickets")
    await page.get_by_label("Tickets for the first model").fill("250")
    await page.get_by_label("Answers tickets").fill("HELPDESK__answer")
    await page.get_by_label("Cost of an hour").fill("45.50")
    await page.get_by_role("button", name="Save the settings").click()
    await expect(page.locator("#toasts")).to_contain_text("Saved")
    await expect(page.get_by_label("Tickets for the first model")).to_have_value("250")
    saved = desk.helpdesk.run(
        "select needed_tickets, response_tool_slug, cost_per_hour from autopilot.settings where organization_id = %s",
        desk.helpdesk.tenant,
    )
    assert [(tickets, tool, str(cost)) for tickets, tool, cost in saved] == [(250, "HELPDESK__answer", "45.50")]

    stale = await desk.open(open_page, "/syncs/settings", "owner")
    await page.get_by_label("Percent of them").fill("70")
    await page.get_by_role("button", name="Save the settings").click()
    await expect(page.get_by_label("Percent of them")).to_have_value("70")
    await stale.get_by_label("Percent of them").fill("60")
    await stale.get_by_role("button", name="Save the settings").click()
    await expect(stale.locator("[data-problem]").first).to_contain_text("changed since you read it")

    await page.get_by_label("Word").fill("Parked")
    await page.get_by_label("Means").select_option("pending")
    await page.get_by_role("button", name="Save the word").click()
    await expect(page.locator("#words")).to_contain_text("parked")
    await page.get_by_role("button", name="Remove").click()
    await expect(page.locator("#words")).to_contain_text("No words are set")


async def test_a_reviewer_adds_and_archives_an_article(desk: Desk, open_page: OpenPage) -> None:
    page = await desk.open(open_page, "/articles/all", "reviewer")
    await page.get_by_role("button", name="Add an article").click()
    dialog = page.locator("#add")
    await dialog.get_by_label("Id").fill("KB-9")
    await dialog.get_by_label("Title").fill(HOSTILE)
    await dialog.get_by_label("Text").fill("# Restart\nTurn it off and on.")
    await dialog.get_by_role("button", name="Add").click()
    await expect(page.locator("#articles [data-row]")).to_contain_text(HOSTILE)
    await page.get_by_role("button", name="Archive").click()
    await expect(page.locator("#articles [data-row]")).to_contain_text("archived")
    await page.get_by_role("button", name="Use again").click()
    await expect(page.locator("#articles [data-row]")).to_contain_text("active")
    assert await page.title() != "hacked"
