"""Who else looks at an approval: seen within two seconds, and gone after thirty."""

from playwright.async_api import Page, expect

from services.database.connect import connect
from tests.control_plane.console.approvals import path_of, waiting_call
from tests.control_plane.console.conftest import Console, OpenPage

LOOK = "**/look"


async def test_a_person_is_seen_by_the_next_look_and_gone_when_their_last_is_too_old(
    postgres_console: Console, open_page: OpenPage, database_url: str
) -> None:
    path = path_of(await waiting_call(postgres_console))
    ben = await reviewer(postgres_console, open_page, "ben")
    await ben.clock.install()
    async with ben.expect_response(LOOK):
        await ben.goto(f"{postgres_console.url}{path}")
    await ben.clock.pause_at("2030-01-01T00:00:00")
    ann = await reviewer(postgres_console, open_page, "ann")
    async with ann.expect_response(LOOK):
        await ann.goto(f"{postgres_console.url}{path}")
    await ann.close()

    await two_seconds_pass(ben)
    await expect(ben.locator("#viewers")).to_have_text("ann is looking at this too")
    with connect(database_url) as connection:
        connection.execute("update public.approval_viewers set seen_at = seen_at - interval '30 seconds'")
    await two_seconds_pass(ben)
    await expect(ben.locator("#viewers")).to_have_text("")


async def reviewer(console: Console, open_page: OpenPage, name: str) -> Page:
    return await open_page(console, "reviewer", "/console/approvals", token=console.token("reviewer", sub=name))


async def two_seconds_pass(page: Page) -> None:
    """For this page; its next look is answered."""
    async with page.expect_response(LOOK):
        await page.clock.run_for(2000)
