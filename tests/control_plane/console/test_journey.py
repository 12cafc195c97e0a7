"""One call through the whole product, as its reviewer sees it in a browser."""

from uuid import UUID

from playwright.async_api import expect

from tests.control_plane.api.conftest import a_proposal
from tests.control_plane.console.approvals import ARGUMENTS, set_up
from tests.control_plane.console.conftest import Console, OpenPage
from tests.control_plane.console.test_approvals import field
from tests.worker.world import World


async def test_a_proposal_is_edited_approved_executed_once_and_verified(
    postgres_console: Console, open_page: OpenPage, database_url: str
) -> None:
    console, world = postgres_console, World(postgres_console.api.access.operator, database_url)
    await set_up(console)
    agent = await console.api.as_agent()
    rosa = console.token("reviewer", sub="rosa")
    page = await open_page(console, "reviewer", "/console/approvals", token=rosa)
    await expect(page.locator(".empty h2")).to_have_text("Nothing waits for you")
    await expect(page.locator("[data-live-state]")).to_have_attribute("data-live-state", "live")

    async with world.working():
        proposed = (await agent.post("/v1/envelopes", json=a_proposal(arguments=ARGUMENTS))).json()["envelope"]
        await expect(page.locator("[data-row]")).to_have_count(1)
        await page.keyboard.press("j")
        await page.keyboard.press("Enter")
        await expect(page.locator("h1")).to_have_text("SLACK__chat.post")
        await page.keyboard.press("e")
        await field(page, "channel").fill("#sales")
        await expect(page.locator("#preview del")).to_have_text('  "channel": "#general",')
        await expect(page.locator("#preview ins")).to_have_text('  "channel": "#sales",')
        await page.get_by_role("button", name="Approve the edited call").click()
        await expect(page.locator(".toast")).to_contain_text("Approved.")
        await expect(page.locator(".empty h2")).to_have_text("Nothing waits for you")
        await page.goto(f"{console.url}/console/envelopes/{console.api.tenant}/{proposed['id']}")
        await expect(page.locator("#envelope .page-head .badge")).to_have_text("success")

    assert [(call.envelope_id, call.arguments) for call in world.stage.calls] == [
        (UUID(proposed["id"]), {**ARGUMENTS, "channel": "#sales"})
    ]
    steps = await page.locator(".timeline .step-head").all_inner_texts()
    assert [step for step in steps if not step.startswith("Held")] == [
        "Proposed by agent:bot over api", "Waits for an approval by worker:w1",
        "Approved with other arguments by user:rosa over console", "Succeeded by worker:w1",
    ]  # fmt: skip

    await page.goto(f"{console.url}/console/audit")
    await page.keyboard.press("v")
    await expect(page.locator("#verified .badge.good")).to_have_text("intact")
    row = page.locator("#audit [data-row]", has_text="envelope.approved")
    await expect(row.locator(".step-head")).to_have_text("envelope.approved edited by user:rosa over console")
