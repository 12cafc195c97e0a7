"""The page of API tokens."""

import pytest
from playwright.async_api import expect

from tests.control_plane.api.conftest import Client, a_proposal
from tests.control_plane.console.browser import PHONE, find_barriers
from tests.control_plane.console.conftest import Console
from tests.control_plane.console.test_envelopes import ConsolePage


async def test_an_owner_issues_a_token_which_is_shown_once_and_works_until_it_is_revoked(
    console: Console, console_page: ConsolePage
) -> None:
    page = await console_page("owner", "/console/tokens")
    await page.keyboard.press("n")
    await page.get_by_label("Agent").fill("triage-bot")
    await page.locator("dialog[open] .primary").click()
    secret = await page.locator("#issued code").inner_text()
    await expect(page.locator("[data-row]")).to_have_count(1)
    await expect(page.locator("[data-row] .badge")).to_have_text("active")

    agent = Client(console.api.http, secret)
    assert (await agent.post("/v1/envelopes", json=a_proposal())).status_code == 201
    await page.get_by_role("button", name="Revoke", exact=True).click()
    await page.get_by_role("button", name="Revoke the token").click()
    await expect(page.locator("[data-row] .badge")).to_have_text("revoked")
    assert (await agent.post("/v1/envelopes", json=a_proposal())).status_code == 401
    await page.reload()
    await expect(page.locator("main")).not_to_contain_text(secret)


@pytest.mark.parametrize(
    ("days", "scopes", "problem"),
    [("367", True, "expires_in: must be more than 0 and at most 366 days"), ("9", False, "scopes: is empty")],
    ids=["too long", "no scope"],
)
async def test_a_token_that_is_refused_says_why(
    console_page: ConsolePage, days: str, scopes: bool, problem: str
) -> None:
    page = await console_page("owner", "/console/tokens")
    await page.keyboard.press("n")
    await page.get_by_label("Agent").fill("bot")
    await page.get_by_label("Days until it ends").fill(days)
    if not scopes:
        for box in await page.get_by_role("checkbox").all():
            await box.uncheck()
    await page.locator("dialog[open] .primary").click()

    await expect(page.locator("#issue [data-problem]")).to_contain_text(problem)
    await expect(page.get_by_label("Agent")).to_have_value("bot")


async def test_the_database_refuses_a_token_that_a_member_issues(
    postgres_console: Console, open_page: ConsolePage
) -> None:
    page = await open_page(postgres_console, "member", "/console/tokens")
    status = await page.evaluate(
        """async () => (await fetch("/console/tokens/issue", {
          method: "POST", body: new URLSearchParams({agent: "bot", scopes: "read", days: "1"}),
          headers: {"X-CSRF-Token": document.querySelector('meta[name="csrf-token"]').content, "HX-Request": "true"},
        })).status"""
    )
    assert status == 403


@pytest.mark.slow
@pytest.mark.parametrize(
    "options",
    [{"color_scheme": "light"}, {"color_scheme": "dark"}, {"viewport": PHONE}],
    ids=["light", "dark", "phone"],
)
async def test_the_page_has_no_barriers(
    console: Console, console_page: ConsolePage, options: dict[str, object]
) -> None:
    body = {"agent": "<b>bot</b>", "scopes": ["read"], "expires_in": 3600}
    await console.agent().post("/v1/api-tokens", json=body)
    page = await console_page("owner", "/console/tokens", **options)
    assert await find_barriers(page) == []
    assert await page.evaluate("document.documentElement.scrollWidth - innerWidth") == 0
    assert await page.locator("main b").count() == 0
    await page.get_by_role("button", name="New token").click()
    assert await find_barriers(page) == []
