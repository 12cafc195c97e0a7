"""What holds for each page of the navigation, whoever makes it: the console or an application."""

from typing import Any

import pytest
from fastapi.routing import APIRoute
from playwright.async_api import expect

from control_plane.apps import offered
from control_plane.console.navigation import GROUPS
from control_plane.console.pages import PAGES
from control_plane.console.paths import ROOT
from tests.control_plane.api.conftest import a_proposal
from tests.control_plane.console.browser import PHONE, find_barriers
from tests.control_plane.console.conftest import Console, OpenPage

ALL_PAGES = [*PAGES, *offered("pages", "PAGES")]
ENTRIES = [entry for group in (*GROUPS, *offered("pages", "GROUPS")) for entry in group]
PATHS = sorted(
    f"{ROOT}{route.path}"
    for page in ALL_PAGES
    for route in page.router.routes
    if isinstance(route, APIRoute) and "GET" in (route.methods or ()) and "{" not in route.path
)
"""All that can be opened without naming one thing."""
NO_PAGES = {
    f"{ROOT}/approvals/bulk", f"{ROOT}/approvals/looking", f"{ROOT}/audit/export", f"{ROOT}/catalog/tool",
    f"{ROOT}/dead-letters/preview", f"{ROOT}/overview/chart",
}  # fmt: skip
"""Parts of pages, files, and pages that need another parameter."""
LOOKS: dict[str, dict[str, Any]] = {
    "light": {"color_scheme": "light"}, "dark": {"color_scheme": "dark"}, "phone": {"viewport": PHONE},
}  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("look", LOOKS)
async def test_every_page_is_accessible_and_fits_its_window(
    postgres_console: Console, open_page: OpenPage, look: str
) -> None:
    for number in range(3):
        await postgres_console.agent().post("/v1/envelopes", json=a_proposal(external_id=f"order-{number}"))
    page = await open_page(postgres_console, "operator", "/console/", **LOOKS[look])
    found = {}
    for entry in ENTRIES:
        await page.goto(f"{postgres_console.url}{entry.url}")
        await expect(page.locator("h1")).to_have_count(1)
        wider = await page.evaluate("document.documentElement.scrollWidth - innerWidth")
        found[entry.name] = (
            await find_barriers(page),
            wider,
            await page.locator("nav [aria-current=page]").count() > 0,
        )
    assert found == {entry.name: ([], 0, True) for entry in ENTRIES}


@pytest.mark.slow
@pytest.mark.parametrize("look", LOOKS)
async def test_every_page_of_a_tenant_is_accessible_and_fits_its_window(
    postgres_console: Console, open_page: OpenPage, look: str
) -> None:
    for number in range(3):
        await postgres_console.agent().post("/v1/envelopes", json=a_proposal(external_id=f"order-{number}"))
    page = await open_page(postgres_console, "operator", "/console/", **LOOKS[look])
    paths = [path for path in PATHS if path not in NO_PAGES]
    found = {}
    for path in paths:
        await page.goto(f"{postgres_console.url}{path}?tenant_id={postgres_console.api.tenant}")
        await expect(page.locator("h1")).to_have_count(1)
        wider = await page.evaluate("document.documentElement.scrollWidth - innerWidth")
        found[path] = (await find_barriers(page), wider)
    assert found == dict.fromkeys(paths, ([], 0))


@pytest.mark.parametrize("person", ["owner", "reviewer", "member"])
async def test_people_of_a_tenant_open_every_page_that_the_navigation_shows_them(
    postgres_console: Console, open_page: OpenPage, person: Any
) -> None:
    page = await open_page(postgres_console, person, "/console/")
    links = await page.locator("#nav li a").evaluate_all("links => links.map(link => link.getAttribute('href'))")
    statuses = {}
    for link in links:
        answer = await page.goto(f"{postgres_console.url}{link}")
        statuses[link] = answer.status if answer else None
        await expect(page.locator("[data-live-state]")).to_have_attribute("data-live-state", "live")
    assert statuses == dict.fromkeys(links, 200)
