"""The pages of envelopes."""

from collections.abc import Awaitable, Callable

import pytest
from playwright.async_api import Page, expect

from tests.control_plane.api.conftest import a_proposal
from tests.control_plane.console.browser import PHONE, find_barriers
from tests.control_plane.console.conftest import Console

ConsolePage = Callable[..., Awaitable[Page]]


@pytest.mark.parametrize("person", ["operator", "owner", "reviewer", "member"])
async def test_everybody_sees_the_envelopes_and_opens_one(
    console: Console, console_page: ConsolePage, person: str
) -> None:
    await console.agent().post("/v1/envelopes", json=a_proposal(external_id="order-1"))

    page = await console_page(person, "/console/envelopes")
    await expect(page.locator("[data-row]")).to_have_count(1)
    await page.locator("[data-row] a").click()

    await expect(page.locator("h1")).to_have_text("SLACK__chat.post")
    await expect(page.locator(".facts")).to_contain_text("order-1")


async def test_an_envelope_appears_without_a_reload(console: Console, console_page: ConsolePage) -> None:
    page = await console_page("owner", "/console/envelopes")
    await expect(page.locator("[data-live-state]")).to_have_attribute("data-live-state", "live")
    await expect(page.locator(".empty h2")).to_have_text("No envelopes yet")

    await console.agent().post("/v1/envelopes", json=a_proposal())

    await expect(page.locator("[data-row]")).to_have_count(1)


async def test_cancelling_needs_a_confirmation_and_shows_the_new_state(
    console: Console, console_page: ConsolePage
) -> None:
    proposed = (await console.agent().post("/v1/envelopes", json=a_proposal())).json()["envelope"]
    page = await console_page("owner", f"/console/envelopes/{proposed['tenant_id']}/{proposed['id']}")

    await page.keyboard.press("u")
    await page.get_by_role("button", name="Cancel the envelope").click()

    await expect(page.locator("#envelope .page-head .badge")).to_have_text("cancelled")
    await expect(page.locator(".toast")).to_contain_text("Envelope cancelled.")


@pytest.mark.slow
@pytest.mark.parametrize(
    "options",
    [{"color_scheme": "light"}, {"color_scheme": "dark"}, {"viewport": PHONE}],
    ids=["light", "dark", "phone"],
)
async def test_pages_have_no_barriers(console: Console, console_page: ConsolePage, options: dict[str, object]) -> None:
    proposed = (await console.agent().post("/v1/envelopes", json=a_proposal())).json()["envelope"]
    for path in ("envelopes", f"envelopes/{proposed['tenant_id']}/{proposed['id']}", "sign-in", "nowhere"):
        page = await console_page("operator", f"/console/{path}", **options)
        assert (path, await find_barriers(page)) == (path, [])
        width = await page.evaluate("document.documentElement.scrollWidth - innerWidth")
        assert (path, width) == (path, 0)
