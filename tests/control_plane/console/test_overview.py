"""The overview: its numbers lead to their lists, and its charts show what ended."""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from playwright.async_api import Page, expect

from services.accounts import AccountStatus
from services.outbox import Disposition
from tests.builders import an_account, operator
from tests.contract.builders import close, take_one
from tests.control_plane.api.conftest import a_proposal
from tests.control_plane.console.browser import PHONE, find_barriers
from tests.control_plane.console.conftest import Console, OpenPage

ConsolePage = Callable[..., Awaitable[Page]]
PIXELS_OF_SWATCHES = """figure => {
  const canvas = figure.querySelector("canvas");
  const pixels = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data;
  return [...figure.querySelectorAll(".swatch")].map(swatch => {
    const [r, g, b] = getComputedStyle(swatch).backgroundColor.match(/[0-9]+/g).map(Number);
    let found = 0;
    for (let at = 0; at < pixels.length; at += 4)
      if (pixels[at] === r && pixels[at + 1] === g && pixels[at + 2] === b && pixels[at + 3] === 255) found += 1;
    return found;
  });
}"""
"""How many pixels of a chart have the colour of each swatch of its legend."""
OPERATOR_JOB = "/v1/jobs/end_counts/runs"


async def propose_and_cancel(console: Console) -> None:
    """An envelope that has ended, counted for the charts."""
    proposed = (await console.agent().post("/v1/envelopes", json=a_proposal())).json()["envelope"]
    await console.agent().post(f"/v1/envelopes/{proposed['id']}/cancel")
    assert (await console.api.as_operator().post(OPERATOR_JOB)).json()["status"] == "succeeded"


async def numbers(page: Page) -> dict[str, str]:
    """The tiles of what waits now, by name."""
    tiles = await page.locator("#now .tile").all()
    return {await tile.locator(".tile-name").inner_text(): await tile.locator("strong").inner_text() for tile in tiles}


@pytest.mark.parametrize("person", ["operator", "member"])
async def test_the_numbers_are_links_to_their_lists(console: Console, console_page: ConsolePage, person: str) -> None:
    await console.agent().post("/v1/envelopes", json=a_proposal())
    page = await console_page(person)
    await expect(page).to_have_url(f"{console.url}/console/overview")

    shown = await numbers(page)
    assert (shown["Pending"], shown["Approvals"], shown["Dead letters"]) == ("1", "0", "0")
    assert ("Failing jobs" in shown) == (person == "operator")
    await page.get_by_role("link", name="Pending").click()
    await expect(page).to_have_url(f"{console.url}/console/envelopes?status=pending")
    await expect(page.locator("[data-row]")).to_have_count(1)


async def test_an_operator_is_led_to_the_tenant_whose_account_is_unhealthy(
    console: Console, console_page: ConsolePage
) -> None:
    account = an_account(tenant_id=console.api.tenant, status=AccountStatus.ERROR)
    await console.api.access.operator.accounts.save(account, actor=operator("olga"))
    page = await console_page("operator", "/console/overview")

    await page.locator("#now").get_by_role("link", name="Unhealthy accounts").click()
    await page.locator(f"#check-{console.api.tenant} td.number a").click()

    await expect(page).to_have_url(f"{console.url}/console/accounts?tenant_id={console.api.tenant}")


async def test_a_number_grows_without_a_reload(console: Console, console_page: ConsolePage) -> None:
    page = await console_page("owner", "/console/overview")
    await expect(page.locator("[data-live-state]")).to_have_attribute("data-live-state", "live")

    await console.agent().post("/v1/envelopes", json=a_proposal())

    await expect(page.get_by_role("link", name="Pending").locator("strong")).to_have_text("1")


async def test_the_charts_and_their_table_show_what_ended(console: Console, console_page: ConsolePage) -> None:
    await propose_and_cancel(console)

    page = await console_page("owner", "/console/overview?period=1h")

    await expect(page.locator("[data-charts]")).to_have_attribute("data-drawn", "true")
    await expect(page.locator(".plot canvas")).to_have_count(3)
    await expect(page.locator(".totals .tile").first).to_contain_text("1")
    await page.get_by_text("The numbers of the charts").click()
    await expect(page.locator("#numbers tbody tr")).to_have_count(1)
    await expect(page.locator("#numbers tbody td.number").first).to_have_text("1")
    await propose_and_cancel(console)
    await page.evaluate("document.dispatchEvent(new CustomEvent('acp:refresh'))")
    await expect(page.locator(".totals .tile").first).to_contain_text("2")


async def test_the_only_answer_is_a_point_of_the_chart(postgres_console: Console, open_page: OpenPage) -> None:
    outbox = postgres_console.api.access.operator.outbox
    await postgres_console.agent().post("/v1/envelopes", json=a_proposal())
    await close(outbox, await take_one(outbox), Disposition.SUCCESS)
    assert (await postgres_console.api.as_operator().post(OPERATOR_JOB)).json()["status"] == "succeeded"
    page = await open_page(postgres_console, "owner", "/console/overview")

    await expect(page.locator("[data-charts]")).to_have_attribute("data-drawn", "true")
    median, _covered_by_it = await page.locator("[data-chart=latency]").evaluate(PIXELS_OF_SWATCHES)
    assert median > 0


async def test_an_operator_chooses_a_tenant_and_a_period_and_both_stay_in_the_url(
    console: Console, console_page: ConsolePage
) -> None:
    await console.agent().post("/v1/envelopes", json=a_proposal())
    page = await console_page("operator", "/console/overview")

    await page.get_by_label("Tenant").select_option(str(console.api.other_tenant))
    await page.wait_for_url("**tenant_id=*")
    assert (await numbers(page))["Pending"] == "0"
    await page.get_by_role("link", name="7 days").click()
    await expect(page.locator("#lately")).to_have_text("Last 7 days")
    await page.reload()

    assert f"tenant_id={console.api.other_tenant}" in page.url
    assert "period=7d" in page.url
    assert (await numbers(page))["Pending"] == "0"


async def test_another_tenants_numbers_are_not_found(postgres_console: Console, open_page: Any) -> None:
    other = postgres_console.api.other_tenant
    page = await open_page(postgres_console, "owner", f"/console/overview?tenant_id={other}")
    await expect(page.locator("h1")).to_have_text("Not found")


@pytest.mark.slow
@pytest.mark.parametrize(
    "options",
    [{"color_scheme": "light"}, {"color_scheme": "dark"}, {"viewport": PHONE}],
    ids=["light", "dark", "phone"],
)
async def test_the_overview_has_no_barriers(
    console: Console, console_page: ConsolePage, options: dict[str, object]
) -> None:
    await propose_and_cancel(console)
    page = await console_page("operator", "/console/overview", **options)
    await expect(page.locator("[data-charts]")).to_have_attribute("data-drawn", "true")
    await page.get_by_text("The numbers of the charts").click()
    assert await find_barriers(page) == []
    assert await page.evaluate("document.documentElement.scrollWidth - innerWidth") == 0
