"""The pages of the catalog."""

import pytest
from playwright.async_api import expect

from tests.control_plane.api.test_catalog import a_new_tool
from tests.control_plane.console.browser import PHONE, find_barriers
from tests.control_plane.console.conftest import Console
from tests.control_plane.console.test_envelopes import ConsolePage

HOSTILE = "<img src=x onerror=alert(1)>\u202eevil"


def page_of(console: Console, path: str = "") -> str:
    return f"/console/catalog{path}{'&' if '?' in path else '?'}tenant_id={console.api.tenant}"


async def test_an_operator_chooses_a_tenant_and_sees_its_tools(console: Console, console_page: ConsolePage) -> None:
    page = await console_page("operator", "/console/catalog")
    await page.get_by_role("link", name=str(console.api.tenant)).click()

    await expect(page.locator("[data-row] a")).to_have_text("SLACK__chat.post")
    await page.keyboard.press("j")
    await page.keyboard.press("Enter")
    await expect(page.locator("h1")).to_have_text("SLACK__chat.post")


async def test_a_tool_that_waits_for_a_decision_is_accepted_as_it_was_shown(
    console: Console, console_page: ConsolePage
) -> None:
    await a_new_tool(console.api, "Reads a file")
    page = await console_page("operator", page_of(console))
    await expect(page.locator(".attention h2")).to_have_text("1 tool waits for a decision")
    await page.locator(".attention a").click()
    await expect(page.locator("#tool .badge").first).to_have_text("quarantined")

    await page.keyboard.press("a")
    await page.locator("dialog[open] .primary").click()

    await expect(page.locator(".toast")).to_contain_text("Tool accepted.")
    await expect(page.locator("#tool .badge").first).to_have_text("active")


async def test_a_changed_tool_shows_both_definitions_and_is_not_decided_twice(
    console: Console, console_page: ConsolePage
) -> None:
    await a_new_tool(console.api, "Reads a file")
    first = await console_page("operator", page_of(console))
    slug = await first.locator(".attention a").inner_text()
    one = page_of(console, f"/tool?tool_slug={slug}")
    await first.goto(f"{console.url}{one}")
    await first.keyboard.press("a")
    await first.locator("dialog[open] .primary").click()
    await expect(first.locator("#tool .badge").first).to_have_text("active")

    await a_new_tool(console.api, "Reads a file, and sends it on")
    await expect(first.locator(".diff ins").first).to_contain_text("and sends it on")
    await a_new_tool(console.api, "Reads a file, and deletes it")
    await first.evaluate("document.querySelector('[name=schema_hash]').value = '0'.repeat(64)")
    await first.keyboard.press("a")
    await first.locator("dialog[open] .primary").click()

    await expect(first.locator("#accept [data-problem]")).to_contain_text("changed")


@pytest.mark.parametrize("person", ["owner", "reviewer", "member"])
async def test_people_of_a_tenant_read_and_decide_nothing(
    console: Console, console_page: ConsolePage, person: str
) -> None:
    await a_new_tool(console.api, "Reads a file")
    page = await console_page(person, "/console/catalog")
    await page.locator(".attention a").click()

    await expect(page.locator("#tool .badge").first).to_have_text("quarantined")
    await expect(page.get_by_role("button", name="Accept")).to_have_count(0)


async def test_filters_stand_in_the_url(console: Console, console_page: ConsolePage) -> None:
    page = await console_page("owner", "/console/catalog")
    await page.keyboard.press("/")
    await page.keyboard.type("nothing like this")
    await page.keyboard.press("Enter")

    await expect(page).to_have_url(f"{console.url}/console/catalog?text=nothing+like+this")
    await expect(page.locator(".empty h2")).to_have_text("No tool fits these filters")


@pytest.mark.slow
@pytest.mark.parametrize(
    "options",
    [{"color_scheme": "light"}, {"color_scheme": "dark"}, {"viewport": PHONE}],
    ids=["light", "dark", "phone"],
)
async def test_hostile_descriptions_stay_text_and_pages_have_no_barriers(
    console: Console, console_page: ConsolePage, options: dict[str, object]
) -> None:
    await a_new_tool(console.api, HOSTILE)
    page = await console_page("operator", page_of(console), **options)
    slug = await page.locator(".attention a").inner_text()
    for path in ("", "/sources", f"/tool?tool_slug={slug}"):
        await page.goto(f"{console.url}{page_of(console, path)}")
        assert (path, await find_barriers(page)) == (path, [])
        width = await page.evaluate("document.documentElement.scrollWidth - innerWidth")
        assert (path, width) == (path, 0)
    await expect(page.locator(".prose")).to_have_text("<img src=x onerror=alert(1)>\\u{202e}evil")
    assert await page.locator("main img").count() == 0
