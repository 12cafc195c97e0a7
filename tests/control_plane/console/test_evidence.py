"""The pages of evidence and signals."""

from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID

import pytest
from playwright.async_api import Page, expect

from services.evidence import Reading
from services.untrusted import storable
from tests.builders import operator
from tests.control_plane.console.browser import PHONE, find_barriers
from tests.control_plane.console.conftest import Console, OpenPage
from tests.control_plane.console.test_pages import HOSTILE

ConsolePage = Callable[..., Awaitable[Page]]
SIGNALS, COLLECTED = "/console/evidence", "/console/evidence/collected"


async def a_reading(
    console: Console, content: Any, *, slug: str = "CRM__contacts.list", tenant: UUID | None = None
) -> None:
    """A scan has read this."""
    content = storable(content)
    reading = Reading(
        tool_slug=slug, connected_account_id=None, content=content, sha256=f"{abs(hash(str(content))):064x}",
        value={"kind": "object", "first": content},
    )  # fmt: skip
    await console.api.access.operator.evidence.save(tenant or console.api.tenant, [reading], actor=operator("olga"))


async def test_a_signal_leads_to_its_evidence_and_a_new_reading_comes_by_itself(
    console: Console, console_page: ConsolePage
) -> None:
    await a_reading(console, {"contacts": 3})
    page = await console_page("member", SIGNALS)
    await expect(page.locator("[data-live-state]")).to_have_attribute("data-live-state", "live")
    await expect(page.locator("#signals [data-row]")).to_contain_text('"contacts": 3')
    await a_reading(console, {"contacts": 4})
    await expect(page.locator("#signals [data-row]")).to_contain_text('"contacts": 4')

    await page.locator("#signals [data-row] a").click()

    shown = page.locator("#evidence li:target")
    await shown.locator("summary").click()
    await expect(shown.locator("pre")).to_contain_text('"contacts": 4')
    await expect(page.locator("#evidence [data-row]")).to_have_count(2)


async def test_an_operator_chooses_the_tenant_and_another_tenants_evidence_is_not_there(
    postgres_console: Console, open_page: OpenPage
) -> None:
    await a_reading(postgres_console, {"of": "others"}, tenant=postgres_console.api.other_tenant)
    page = await open_page(postgres_console, "operator", SIGNALS)
    await page.locator(f"#tenant-{postgres_console.api.other_tenant} a").first.click()
    await expect(page.locator(".tenant-bar strong")).to_have_text(str(postgres_console.api.other_tenant))
    await expect(page.locator("#signals [data-row]")).to_have_count(1)
    page = await open_page(postgres_console, "owner", SIGNALS)
    await expect(page.locator(".empty h2")).to_have_text("No readings yet")
    await page.goto(f"{postgres_console.url}{COLLECTED}")
    await expect(page.locator(".empty h2")).to_have_text("No evidence yet")


async def test_hostile_content_stays_text(console: Console, console_page: ConsolePage) -> None:
    for number, text in enumerate(HOSTILE):
        await a_reading(console, {text: text}, slug=f"X__{number}{text}")
    page = await console_page("owner", SIGNALS)
    for path in (SIGNALS, COLLECTED):
        await page.goto(f"{console.url}{path}")
        await expect(page.locator("[data-row]")).to_have_count(len(HOSTILE))
        await page.evaluate("document.querySelectorAll('details').forEach(each => each.open = true)")
        assert await page.evaluate("window.hit") is None
        assert await page.locator("main img, main script, main [hx-trigger], main [onload]").count() == 0
        assert not {"\u202e", "\u200b"} & set(await page.locator("main").inner_text())


@pytest.mark.slow
@pytest.mark.parametrize(
    "options",
    [{"color_scheme": "light"}, {"color_scheme": "dark"}, {"viewport": PHONE}],
    ids=["light", "dark", "phone"],
)
async def test_the_pages_have_no_barriers(
    postgres_console: Console, open_page: OpenPage, options: dict[str, object]
) -> None:
    await a_reading(postgres_console, {"name": "x" * 400})
    page = await open_page(postgres_console, "owner", SIGNALS, **options)
    for path in (SIGNALS, COLLECTED):
        await page.goto(f"{postgres_console.url}{path}")
        await page.evaluate("document.querySelectorAll('details').forEach(each => each.open = true)")
        assert (path, await find_barriers(page)) == (path, [])
        width = await page.evaluate("document.documentElement.scrollWidth - innerWidth")
        assert (path, width) == (path, 0)
