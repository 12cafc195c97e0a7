"""The pages of grants."""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from playwright.async_api import Page, expect

from services.outbox import Disposition, GrantedCall
from tests.contract.builders import WORKER, close, put_one, take_one
from tests.control_plane.console.browser import PHONE, find_barriers
from tests.control_plane.console.conftest import Console, OpenPage

ConsolePage = Callable[..., Awaitable[Page]]
BODY: dict[str, Any] = {
    "tools": "SLACK__chat.post", "arguments": [{"argument": "amount", "below": 100}], "expires_in": 86_400,
    "reason": "spring sale",
}  # fmt: skip
EVIL = "<img src=x onerror=alert(1)>\u202e"


async def issue(console: Console, **changes: Any) -> str:
    answer = await console.agent().post("/v1/grants", json={**BODY, **changes})
    assert answer.status_code == 201, answer.text
    issued: str = answer.json()["id"]
    return issued


async def use(console: Console, grant: str, number: int) -> None:
    """Execute a call that this grant allows, as a worker does."""
    backends = console.api.access.operator
    found = next(
        each for each in await backends.grants.list_grants(console.api.tenant, ended=True) if str(each.id) == grant
    )
    await put_one(backends.outbox, console.api.tenant, external_id=f"call-{number}")
    claimed = await take_one(backends.outbox)
    await backends.outbox.use_grants(WORKER, [GrantedCall(claimed=claimed, grant_id=found.id, digest="d1")])
    await close(backends.outbox, claimed, Disposition.SUCCESS)


async def test_an_owner_issues_a_grant_with_conditions_and_revokes_it(
    console: Console, console_page: ConsolePage
) -> None:
    page = await console_page("owner", "/console/grants")
    await expect(page.locator(".empty h2")).to_have_text("No active grants")
    await page.keyboard.press("n")
    await page.get_by_label("Tools").fill("SLACK__*")
    await page.get_by_label("Hours").fill("24")
    await page.get_by_role("button", name="Add to conditions").click()
    await page.get_by_label("Argument *").fill("amount")
    await page.get_by_label("Below").fill("100")
    await page.get_by_label("Reason").fill("spring sale")
    await page.get_by_role("button", name="Issue the grant").click()

    await expect(page.locator(".toast")).to_contain_text("Grant issued.")
    [grant] = await console.api.access.operator.grants.list_grants(console.api.tenant)
    assert (grant.tools, grant.arguments, grant.reason) == (
        "SLACK__*", ({"argument": "amount", "below": 100},), "spring sale",
    )  # fmt: skip

    await page.get_by_role("link", name="SLACK__*").click()
    await expect(page.locator(".facts")).to_contain_text("amount below 100")
    await page.keyboard.press("u")
    await page.get_by_label("Reason, for the audit log").fill("too wide")
    await page.get_by_role("button", name="Revoke the grant").click()
    await expect(page.locator("#grant .badge")).to_have_text("revoked")
    rows = await console.api.access.operator.audit_log.tail(console.api.tenant, limit=1)
    assert (rows[0].entry.category, rows[0].entry.payload["reason"]) == ("grant.revoked", "too wide")


async def test_a_mistake_is_shown_at_its_field_and_what_was_typed_stays(console_page: ConsolePage) -> None:
    page = await console_page("reviewer", "/console/grants/new")
    await page.get_by_label("Tools").fill("SLACK__chat.pots")
    await page.get_by_label("Hours").fill("169")
    await page.get_by_role("button", name="Issue the grant").click()
    await expect(page.locator("#hours-problem")).to_have_text("must be more than 0 and at most 7 days")

    await page.get_by_label("Hours").fill("168")
    await page.get_by_role("button", name="Issue the grant").click()
    await expect(page.locator("#tools-problem")).to_have_text("no tool SLACK__chat.pots")

    await page.get_by_label("Tools").fill("SLACK__chat.post")
    await page.get_by_role("button", name="Add to conditions").click()
    await page.get_by_label("Argument *").fill("amount")
    await page.get_by_role("button", name="Issue the grant").click()
    await expect(page.locator("#f-arguments-0-problem, #f-arguments .problem").first).to_contain_text(
        "needs exactly one"
    )
    await expect(page.get_by_label("Argument *")).to_have_value("amount")
    await page.get_by_role("button", name="Remove 1 of conditions").click()
    await expect(page.get_by_label("Argument *")).to_have_count(0)


async def test_uses_appear_without_a_reload_and_by_pages(console: Console, console_page: ConsolePage) -> None:
    grant = await issue(console)
    page = await console_page("member", f"/console/grants/{grant}")
    await expect(page.locator(".empty h2")).to_have_text("Not used yet")
    await expect(page.locator("[data-live-state]")).to_have_attribute("data-live-state", "live")
    await use(console, grant, 1)
    await expect(page.locator("[data-row]")).to_have_count(1)
    await expect(page.locator("[data-row]")).to_contain_text("call-1")
    for number in range(2, 53):
        await use(console, grant, number)
    await page.reload()
    await expect(page.locator("[data-row]")).to_have_count(50)
    await page.get_by_role("link", name="Next page").click()
    await expect(page.locator("[data-row]")).to_have_count(2)
    await expect(page.locator("[data-row]").last).to_contain_text("call-1")


async def test_members_read_and_an_operator_chooses_a_tenant(console: Console, console_page: ConsolePage) -> None:
    await issue(console)
    page = await console_page("member", "/console/grants")
    await expect(page.locator("[data-row]")).to_have_count(1)
    await expect(page.get_by_role("link", name="New grant")).to_have_count(0)

    page = await console_page("operator", "/console/grants")
    await page.get_by_role("link", name=str(console.api.tenant)).click()
    await expect(page.locator("[data-row]")).to_have_count(1)
    await page.get_by_role("link", name="SLACK__chat.post").click()
    await expect(page.locator("h1")).to_have_text("SLACK__chat.post")
    await page.get_by_role("button", name="Revoke").click()
    await page.get_by_role("button", name="Revoke the grant").click()
    await expect(page.locator("#grant .badge")).to_have_text("revoked")


async def test_text_of_others_is_shown_inert(console: Console, console_page: ConsolePage) -> None:
    grant = await issue(console, reason=EVIL, arguments=[{"argument": "<b>", "equals": EVIL}])
    for path in ("/console/grants", f"/console/grants/{grant}"):
        page = await console_page("owner", path)
        await expect(page.locator("main")).to_contain_text("<img src=x onerror=alert(1)>")
        assert await page.locator("main img, main b").count() == 0
        assert "\u202e" not in await page.locator("main").inner_text()


async def test_a_grant_is_found_by_its_id_also_when_it_has_ended(
    postgres_console: Console, open_page: OpenPage
) -> None:
    grant = await issue(postgres_console)
    await postgres_console.agent().delete(f"/v1/grants/{grant}")
    page = await open_page(postgres_console, "operator", f"/console/grants?tenant_id={postgres_console.api.tenant}")
    await expect(page.locator("[data-row]")).to_have_count(0)
    await page.keyboard.press("/")
    await page.keyboard.type(str(grant))
    await page.keyboard.press("Enter")
    await expect(page.locator("#grant")).to_contain_text(str(grant))
    await expect(page.locator("#grant .badge").first).to_have_text("revoked")


async def test_a_stranger_finds_no_grant(postgres_console: Console, open_page: OpenPage) -> None:
    grant = await issue(postgres_console)
    stranger = postgres_console.token("owner", tenant=postgres_console.api.other_tenant)
    page = await open_page(postgres_console, "owner", f"/console/grants/{grant}", token=stranger)
    await expect(page.locator(".error-page")).to_contain_text("404")
    named = f"/console/grants?tenant_id={postgres_console.api.tenant}"
    await page.goto(f"{postgres_console.url}{named}")
    await expect(page.locator(".error-page")).to_contain_text("404")


async def test_a_member_is_refused_by_the_database_also_without_the_buttons(
    postgres_console: Console, open_page: OpenPage
) -> None:
    page = await open_page(postgres_console, "member", "/console/grants/new")
    await page.get_by_label("Tools").fill("SLACK__chat.post")
    await page.get_by_role("button", name="Issue the grant").click()
    await expect(page.locator("[data-problem]")).to_contain_text("member may not do this")
    assert await postgres_console.api.access.operator.grants.list_grants(postgres_console.api.tenant) == []


@pytest.mark.slow
@pytest.mark.parametrize(
    "options",
    [{"color_scheme": "light"}, {"color_scheme": "dark"}, {"viewport": PHONE}],
    ids=["light", "dark", "phone"],
)
async def test_pages_have_no_barriers(console: Console, console_page: ConsolePage, options: dict[str, object]) -> None:
    grant = await issue(console)
    await use(console, grant, 1)
    for path in ("grants", f"grants/{grant}", "grants/new"):
        page = await console_page("owner", f"/console/{path}", **options)
        if path == "grants/new":
            await page.get_by_role("button", name="Add to conditions").click()
            await expect(page.get_by_label("Argument *")).to_be_visible()
        assert (path, await find_barriers(page)) == (path, [])
        width = await page.evaluate("document.documentElement.scrollWidth - innerWidth")
        assert (path, width) == (path, 0)
