"""The list of envelopes finds what people look for, and one envelope shows its whole life."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

from playwright.async_api import Page, expect

from services.clock import utc_now
from services.outbox import Disposition, Settlement
from tests.control_plane.api.conftest import a_proposal
from tests.control_plane.console.conftest import Console, OpenPage

ConsolePage = Callable[..., Awaitable[Page]]
MINUTE = timedelta(minutes=1)


async def propose(console: Console, **fields: Any) -> dict[str, Any]:
    """An envelope that the agent `bot` proposes."""
    answer = await (await console.api.as_agent()).post("/v1/envelopes", json=a_proposal(**fields))
    assert answer.status_code == 201, answer.text
    envelope: dict[str, Any] = answer.json()["envelope"]
    return envelope


async def settle(console: Console, to: Disposition, **detail: Any) -> None:
    """End the next attempt."""
    outbox = console.api.access.operator.outbox
    [claimed] = await outbox.claim("worker-1", limit=1, lease_for=MINUTE)
    await outbox.settle("worker-1", [Settlement(lease=claimed.lease, envelope_id=claimed.envelope.id, to=to, **detail)])


def path_of(envelope: dict[str, Any]) -> str:
    return f"/console/envelopes/{envelope['tenant_id']}/{envelope['id']}"


async def test_a_person_finds_an_envelope_by_key_agent_and_state(console: Console, console_page: ConsolePage) -> None:
    wanted = await propose(console, external_id="order-1")
    await settle(console, Disposition.UNKNOWN, error="no answer")
    await propose(console, external_id="order-2")
    page = await console_page("owner", "/console/envelopes")
    rows = page.locator("[data-row]")
    await expect(rows).to_have_count(2)

    await page.keyboard.press("/")
    await page.keyboard.type("order-1")
    await page.keyboard.press("Enter")
    await expect(rows).to_have_count(1)
    await expect(rows).to_have_id(f"envelope-{wanted['id']}")

    await page.get_by_role("link", name="Clear").click()
    await page.get_by_role("link", name="Unknown 1").click()
    await expect(page).to_have_url(f"{console.url}/console/envelopes?status=unknown")
    await expect(rows).to_have_count(1)

    await page.goto(f"{console.url}/console/envelopes?agent=bot&within=1h&tool_slug=SLACK__chat.post")
    await expect(rows).to_have_count(2)
    await page.goto(f"{console.url}/console/envelopes?agent=somebody")
    await expect(page.locator(".empty h2")).to_have_text("No envelope fits these filters")


async def test_the_life_of_an_envelope_is_a_timeline(console: Console, console_page: ConsolePage) -> None:
    trace = "4bf92f3577b34da6a3ce929d0e0e4736"
    envelope = await propose(console, metadata={"traceparent": f"00-{trace}-00f067aa0ba902b7-01"})
    await settle(console, Disposition.RETRY, error="HTTP 503", next_run_at=utc_now() - MINUTE)
    await settle(console, Disposition.SUCCESS, result={"ts": "17.4"})

    page = await console_page("member", path_of(envelope))

    steps = page.locator(".timeline > li")
    await expect(steps.locator(".step-head strong")).to_have_text(
        ["Proposed", "Attempt failed, will be tried again", "Succeeded"]
    )
    await expect(steps.nth(0)).to_contain_text("by agent:bot over api")
    await expect(steps.nth(1).locator(".step-text")).to_have_text("HTTP 503")
    await expect(page.locator(".facts")).to_contain_text(trace)
    await expect(page.get_by_role("region", name="Result")).to_contain_text('"ts": "17.4"')
    await expect(page.get_by_role("button", name="Cancel")).to_have_count(0)


async def test_the_next_moment_and_every_verdict_are_shown_while_it_waits(
    console: Console, console_page: ConsolePage
) -> None:
    later = utc_now() + timedelta(hours=3)
    envelope = await propose(console, not_before=later.isoformat())

    page = await console_page("owner", path_of(envelope))

    await expect(page.locator(".why")).to_contain_text("it was proposed for a later time")
    await expect(page.locator(".timeline > .next time[data-ago]")).to_have_text("in 3 hours")
    await expect(page.get_by_role("region", name="Verdicts of the guardrails").locator("tbody tr")).not_to_have_count(0)


async def test_a_person_resolves_a_call_without_an_answer(console: Console, console_page: ConsolePage) -> None:
    envelope = await propose(console)
    await settle(console, Disposition.UNKNOWN, error="no answer")
    page = await console_page("reviewer", path_of(envelope))

    await page.keyboard.press("r")
    await page.get_by_label("The call had its effect").check()
    await page.get_by_label("How you know").fill("saw it in the channel")
    await page.get_by_role("dialog").get_by_role("button", name="Resolve").click()

    await expect(page.locator("#envelope .page-head .badge")).to_have_text("success")
    await expect(page.locator(".timeline > li").last).to_contain_text("saw it in the channel")


async def test_a_member_is_offered_no_decision(console: Console, console_page: ConsolePage) -> None:
    envelope = await propose(console)
    await settle(console, Disposition.UNKNOWN, error="no answer")
    page = await console_page("member", path_of(envelope))
    await expect(page.locator("#envelope .page-head .badge")).to_have_text("unknown")
    await expect(page.get_by_role("button", name="Resolve")).to_have_count(0)


async def test_a_trace_can_be_copied_and_is_a_link_where_the_installation_says_where_traces_are(
    postgres_console: Console, open_page: OpenPage
) -> None:
    trace = "4bf92f3577b34da6a3ce929d0e0e4736"
    envelope = await propose(postgres_console, metadata={"traceparent": f"00-{trace}-00f067aa0ba902b7-01"})
    page = await open_page(postgres_console, "owner", path_of(envelope))
    await expect(page.locator("dd", has_text=trace).get_by_role("button", name="Copy id")).to_have_count(1)
    await expect(page.locator("dd", has_text=trace).get_by_role("link")).to_have_count(0)
    postgres_console.api.app.state.trace_url = "https://traces.test/{trace_id}?org=1"
    await page.reload()
    link = page.locator("dd", has_text=trace).get_by_role("link")
    await expect(link).to_have_attribute("href", f"https://traces.test/{trace}?org=1")
