"""The pages of connected accounts."""

import pytest
from playwright.async_api import expect

from tests.control_plane.console.browser import PHONE, find_barriers
from tests.control_plane.console.conftest import Console
from tests.control_plane.console.test_envelopes import ConsolePage


async def test_an_owner_links_an_account_and_revokes_it(console: Console, console_page: ConsolePage) -> None:
    page = await console_page("owner", "/console/accounts")
    await expect(page.locator(".empty h2")).to_have_text("No accounts yet")
    await page.keyboard.press("n")
    await page.get_by_label("Toolkit").fill("slack")
    await page.get_by_label("Scopes").fill("SLACK.CHAT:WRITE, SLACK.CHAT:READ")
    await expect(page.get_by_label("Id at Composio")).to_have_count(0)
    await page.locator("dialog[open] .primary").click()

    await expect(page.locator("h1")).to_have_text("slack")
    [account] = (await console.agent().get("/v1/accounts")).json()["items"]
    assert (account["provider"], account["scopes"], account["metadata"], account["status"]) == (
        "slack", ["SLACK.CHAT:WRITE", "SLACK.CHAT:READ"], {}, "connected",
    )  # fmt: skip

    await page.keyboard.press("r")
    await page.get_by_role("button", name="Revoke the account").click()
    await expect(page.locator("#account .badge")).to_have_text("revoked")


async def test_an_operator_says_which_login_an_account_uses(console: Console, console_page: ConsolePage) -> None:
    page = await console_page("operator", f"/console/accounts?tenant_id={console.api.tenant}")
    await page.keyboard.press("n")
    await page.get_by_label("Toolkit").fill("slack")
    await page.get_by_label("Id at Composio").fill("ca_1")
    await page.locator("dialog[open] .primary").click()

    await expect(page.locator("h1")).to_have_text("slack")
    [account] = (await console.agent().get("/v1/accounts")).json()["items"]
    assert account["metadata"] == {"composio_id": "ca_1"}


async def test_a_missing_toolkit_is_named_and_what_was_typed_stays(console: Console, console_page: ConsolePage) -> None:
    page = await console_page("owner", "/console/accounts")
    await page.keyboard.press("n")
    await page.get_by_label("Toolkit").fill("   ")
    await page.get_by_label("Scopes").fill("A.B")
    await page.locator("dialog[open] .primary").click()

    await expect(page.locator("#link-account [data-problem]")).to_have_text(
        "provider: name the toolkit that uses the account, such as slack"
    )
    await expect(page.get_by_label("Scopes")).to_have_value("A.B")
    assert (await console.agent().get("/v1/accounts")).json()["items"] == []


@pytest.mark.parametrize("person", ["reviewer", "member"])
async def test_only_owners_are_offered_changes(postgres_console: Console, open_page: ConsolePage, person: str) -> None:
    await postgres_console.agent().post("/v1/accounts", json={"provider": "slack"})
    page = await open_page(postgres_console, person, "/console/accounts")

    await expect(page.locator("[data-row]")).to_have_count(1)
    await expect(page.get_by_role("button", name="Link an account")).to_have_count(0)


@pytest.mark.slow
@pytest.mark.parametrize(
    "options",
    [{"color_scheme": "light"}, {"color_scheme": "dark"}, {"viewport": PHONE}],
    ids=["light", "dark", "phone"],
)
async def test_pages_have_no_barriers(console: Console, console_page: ConsolePage, options: dict[str, object]) -> None:
    linked = (await console.agent().post("/v1/accounts", json={"provider": "<b>slack</b>"})).json()
    for path in ("accounts", f"accounts/{linked['id']}"):
        page = await console_page("owner", f"/console/{path}", **options)
        assert (path, await find_barriers(page)) == (path, [])
        width = await page.evaluate("document.documentElement.scrollWidth - innerWidth")
        assert (path, width) == (path, 0)
        assert await page.locator("main b").count() == 0
