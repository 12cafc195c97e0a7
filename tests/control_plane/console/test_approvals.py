"""The pages of approvals, as reviewers use them."""

import json
import re
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from playwright.async_api import Locator, Page, expect

from services.approvals import ApprovalDecision
from tests.control_plane.api.deciding import ask_people
from tests.control_plane.console.approvals import (
    ARGUMENTS,
    decided,
    envelope_of,
    path_of,
    reject_elsewhere,
    waiting_call,
)
from tests.control_plane.console.browser import PHONE, find_barriers
from tests.control_plane.console.conftest import Console

ConsolePage = Callable[..., Awaitable[Page]]
LONG = " ".join(f"line {number} of a long message" for number in range(900))
HOSTILE = '<img src=x onerror="document.title=`x`"><script>document.title="x"</script>\u202egnp.exe'


async def as_reviewer(console: Console, console_page: ConsolePage, name: str, path: str, **options: Any) -> Page:
    return await console_page("reviewer", path, token=console.token("reviewer", sub=name), **options)


def field(page: Page, name: str) -> Locator:
    """The field of an argument."""
    return page.get_by_label(re.compile(rf"^{name} "))


async def read_all(page: Page) -> None:
    """Press `a`, which leads to what was not shown yet, until all was."""
    approve = page.locator("[data-needs-whole]")
    await approve.wait_for()
    while await approve.is_disabled():
        await page.keyboard.press("a")
        await page.evaluate("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")


async def test_a_call_is_approved_by_keyboard_alone_and_only_after_all_of_it_was_shown(
    console: Console, console_page: ConsolePage
) -> None:
    call = await waiting_call(console, arguments={**ARGUMENTS, "text": LONG})
    page = await as_reviewer(console, console_page, "maria", "/console/approvals")

    await page.keyboard.press("j")
    await page.keyboard.press("Enter")
    await expect(page.locator("h1")).to_have_text("SLACK__chat.post")
    await expect(page.locator("[data-needs-whole]")).to_be_disabled()
    await read_all(page)
    await page.keyboard.press("a")
    await expect(page.locator("#approve .digest")).to_contain_text(call["digest"])
    await page.keyboard.press("Enter")

    await expect(page.locator(".toast")).to_contain_text("Approved.")
    await expect(page).to_have_url(f"{console.url}/console/approvals")
    record = await decided(console, call)
    assert (record.decision, record.decided_by, record.shown_whole) == (ApprovalDecision.APPROVED, "maria", True)


async def test_a_call_is_rejected_by_keyboard_with_a_code_and_a_reason(
    console: Console, console_page: ConsolePage
) -> None:
    call = await waiting_call(console)
    page = await as_reviewer(console, console_page, "maria", path_of(call))

    await page.keyboard.press("r")
    await page.keyboard.press("Tab")
    await page.locator("#reject select").select_option("wrong_target")
    await page.locator("#reject textarea").focus()
    await page.keyboard.type("not our customer")
    await page.keyboard.press("Control+Enter")

    await expect(page.locator(".toast")).to_contain_text("Rejected.")
    record = await decided(console, call)
    assert (record.rejection_code, record.decision_reason) == ("wrong_target", "not our customer")


async def test_two_reviewers_see_each_other_and_the_slower_one_learns_who_decided(
    console: Console, console_page: ConsolePage
) -> None:
    call = await waiting_call(console)
    ann = await as_reviewer(console, console_page, "ann", path_of(call))
    ben = await as_reviewer(console, console_page, "ben", path_of(call))
    await expect(ann.locator("#viewers")).to_have_text("ben is looking at this too")
    await expect(ben.locator("#viewers")).to_have_text("ann is looking at this too")
    inbox = await as_reviewer(console, console_page, "eve", "/console/approvals")
    await expect(inbox.locator(".inbox-viewers")).to_have_text("ann, ben are looking")

    await ben.keyboard.press("r")
    await ben.locator("#reject select").select_option("too_risky")
    await ben.locator("#reject textarea").fill("I would not")
    await read_all(ann)
    await ann.keyboard.press("a")
    await ann.keyboard.press("Enter")
    await expect(ann.locator(".toast")).to_contain_text("Approved.")
    await ben.get_by_role("button", name="Reject", exact=True).last.click()

    await expect(ben.locator("#reject [data-problem]")).to_contain_text("already approved by ann")
    await expect(ben.locator("#reject textarea")).to_have_value("I would not")
    await expect(ben.locator(".outcome")).to_contain_text("Approved by ann")


async def test_an_edit_keeps_the_json_types_and_the_secrets(console: Console, console_page: ConsolePage) -> None:
    call = await waiting_call(console)
    page = await as_reviewer(console, console_page, "maria", path_of(call))
    await page.keyboard.press("e")
    approve = page.get_by_role("button", name="Approve the edited call")
    await expect(approve).to_be_disabled()

    await field(page, "count").fill("4")
    await field(page, "urgent").select_option("true")
    await field(page, "options").fill('{"silent": false, "at": null}')
    await field(page, "mode").select_option('"send"')
    await expect(page.locator("#preview ins")).to_have_count(5)
    assert "s3cret" not in await page.content()
    await approve.click()

    await expect(page.locator(".toast")).to_contain_text("Approved.")
    envelope = await envelope_of(console, call)
    changes = {"count": 4, "urgent": True, "options": {"silent": False, "at": None}, "mode": "send"}
    assert envelope.arguments == {**ARGUMENTS, **changes}
    assert envelope.proposed_arguments == ARGUMENTS
    record = await decided(console, call)
    assert record.shown_whole is True


async def test_arguments_stand_in_the_order_of_the_tools_schema(console: Console, console_page: ConsolePage) -> None:
    call = await waiting_call(console)
    page = await as_reviewer(console, console_page, "maria", "/console/approvals")
    await expect(page.locator(".inbox-arguments")).to_contain_text(
        '{"channel": "#general", "text": "hello", "count": 3,'
    )
    await page.goto(f"{console.url}{path_of(call)}")
    await expect(page.locator(".arguments dt code")).to_have_text(list(ARGUMENTS))
    await page.goto(f"{console.url}{path_of(call)}/edit")
    await expect(page.locator(".argument-field label code")).to_have_text(list(ARGUMENTS))
    await field(page, "channel").fill("#sales")
    await expect(page.locator("#preview ins")).to_have_count(1)
    lines = await page.locator("#preview td:first-child").all_inner_texts()
    assert [line.split('"')[1] for line in lines if line.startswith('  "')] == list(ARGUMENTS)
    await page.goto(f"{console.url}{path_of(call).replace('approvals', 'envelopes')}")
    shown = await page.get_by_role("region", name="Arguments").inner_text()
    assert list(json.loads(shown)) == list(ARGUMENTS)


async def test_the_lines_of_a_text_are_read_and_edited_as_lines(console: Console, console_page: ConsolePage) -> None:
    call = await waiting_call(console, arguments={**ARGUMENTS, "text": "Dear Ann,\nthank you."})
    page = await as_reviewer(console, console_page, "maria", path_of(call))
    assert "Dear Ann,\nthank you." in await page.locator(".arguments").inner_text()
    await expect(page.locator(".warning")).to_have_count(0)
    await page.keyboard.press("e")
    await expect(field(page, "text")).to_have_value("Dear Ann,\nthank you.")
    await field(page, "text").fill("Dear Ben,\nthank you.")
    await page.get_by_role("button", name="Approve the edited call").click()
    await expect(page.locator(".toast")).to_contain_text("Approved.")
    assert (await envelope_of(console, call)).arguments == {**ARGUMENTS, "text": "Dear Ben,\nthank you."}


async def test_an_edit_that_the_tool_would_not_take_says_why_and_cannot_be_approved(
    console: Console, console_page: ConsolePage
) -> None:
    call = await waiting_call(console)
    page = await as_reviewer(console, console_page, "maria", f"{path_of(call)}/edit")

    await field(page, "count").fill("many")
    await expect(page.locator("#preview .problem")).to_have_text("arguments.count: is not number")
    await field(page, "count").fill("2.5")
    await expect(page.locator("#preview .problem")).to_contain_text("count")
    await expect(page.get_by_role("button", name="Approve the edited call")).to_be_disabled()

    await field(page, "count").blur()
    await page.keyboard.press("u")
    await expect(field(page, "count")).to_have_value("3")
    await page.get_by_label("JSON", exact=True).check()
    await page.get_by_label("All arguments as JSON").fill('{"channel": "#sales", "text": "hi"}')
    await expect(page.locator("#preview ins")).not_to_have_count(0)
    await page.get_by_role("button", name="Approve the edited call").click()
    await expect(page.locator(".toast")).to_contain_text("Approved.")
    envelope = await envelope_of(console, call)
    assert envelope.arguments == {"channel": "#sales", "text": "hi"}


async def test_two_people_are_needed_where_the_rules_say_so(console: Console, console_page: ConsolePage) -> None:
    await waiting_call(console)
    await ask_people(console.api, approval_rules={"two_people": ["low"]})
    for name in ("ann", "ben"):
        page = await as_reviewer(console, console_page, name, "/console/approvals")
        await page.locator("[data-row] a").first.click()
        expected = "need two people" if name == "ann" else "ann has approved exactly this call"
        await expect(page.locator(".note")).to_contain_text(expected)
        await read_all(page)
        await page.keyboard.press("a")
        await page.keyboard.press("Enter")
        await expect(page.locator(".toast")).to_contain_text("Approved once." if name == "ann" else "Approved.")
    await expect(page.locator(".empty h2")).to_have_text("Nothing waits for you")


async def test_several_calls_are_decided_as_they_were_shown_and_what_was_skipped_is_named(
    console: Console, console_page: ConsolePage
) -> None:
    first, second = [await waiting_call(console) for _ in range(2)]
    page = await as_reviewer(console, console_page, "maria", "/console/approvals")
    await page.keyboard.press("j")
    await page.keyboard.press("x")
    await page.keyboard.press("j")
    await page.keyboard.press("x")
    await expect(page.locator("[data-picked-count]")).to_have_text("2")
    await waiting_call(console)  # a live update keeps the selection
    await expect(page.locator("[data-row]")).to_have_count(3)
    await expect(page.locator("[data-pick]:checked")).to_have_count(2)
    await page.keyboard.press("a")

    await expect(page.locator(".bulk-call")).to_have_count(2)
    for call in (first, second):
        await expect(page.locator("#bulk")).to_contain_text(call["envelope"]["id"])
        await expect(page.locator("#bulk")).to_contain_text(call["digest"])
    await expect(page.locator(".bulk-call .asks").first).to_contain_text(
        "bot asks to call this as slack · bot@acme.example"
    )
    await reject_elsewhere(console, second)
    await read_all(page)
    await page.keyboard.press("a")

    await expect(page.locator("#bulk h2").first).to_have_text("Approved 1 of 2")
    await expect(page.locator("#bulk")).to_contain_text("already rejected by olga")
    record = await decided(console, first)
    assert (record.decision, record.decided_by, record.shown_whole) == (ApprovalDecision.APPROVED, "maria", True)


async def test_html_and_hidden_characters_in_every_field_are_inert(console: Console, console_page: ConsolePage) -> None:
    call = await waiting_call(
        console, external_id=f"k {HOSTILE}", arguments={**ARGUMENTS, "text": HOSTILE, HOSTILE: {HOSTILE: [HOSTILE]}},
        trust_context={"score": 0.1, "evidence": [HOSTILE, {"id": HOSTILE, "sha256": HOSTILE}]},
    )  # fmt: skip
    bulk = f"/console/approvals/bulk?decision=rejected&call={call['envelope']['tenant_id']}~{call['envelope']['id']}"
    for path in ("/console/approvals", path_of(call), f"{path_of(call)}/edit", bulk):
        page = await as_reviewer(console, console_page, HOSTILE, path)
        await expect(page.locator("main img, main script")).to_have_count(0)
        content = await page.locator("main").inner_text()
        assert "\u202e" not in content
        assert "\\u{202e}" in content or path.endswith("edit")
        assert await page.title() != "x"
    await expect(page.locator("#bulk")).to_contain_text("<script>")


async def test_typed_text_survives_a_live_update_and_an_answer_reaches_the_agent(
    console: Console, console_page: ConsolePage
) -> None:
    call = await waiting_call(console)
    page = await as_reviewer(console, console_page, "maria", path_of(call))
    await page.get_by_role("button", name="Answer").click()
    await page.locator("#respond textarea").fill("the order has shipped")
    await waiting_call(console)
    await expect(page.locator("#newer")).to_be_visible()
    await expect(page.locator("#respond textarea")).to_have_value("the order has shipped")
    await page.get_by_role("button", name="Send the answer").click()

    await expect(page.locator(".toast")).to_contain_text("Answered.")
    envelope = await envelope_of(console, call)
    assert envelope.last_error == "answered: the order has shipped"


async def test_a_member_reads_and_cannot_decide(console: Console, console_page: ConsolePage) -> None:
    call = await waiting_call(console)
    page = await console_page("member", path_of(call))
    await expect(page.locator("#decide")).to_contain_text("Owners and reviewers of the tenant decide.")
    await expect(page.locator("#decide button")).to_have_count(0)


async def test_decisions_and_reviewers_are_listed_with_filters_in_the_url(
    console: Console, console_page: ConsolePage
) -> None:
    call = await waiting_call(console)
    page = await as_reviewer(console, console_page, "maria", path_of(call))
    await read_all(page)
    await page.keyboard.press("a")
    await page.keyboard.press("Enter")
    await page.get_by_role("link", name="Decided").click()
    await expect(page.locator("[data-row]")).to_have_count(1)
    await expect(page.locator("[data-row]")).to_contain_text("maria")

    await page.get_by_label("Decision").select_option("rejected")
    await expect(page).to_have_url(f"{console.url}/console/approvals/decided?decision=rejected")
    await expect(page.locator(".empty h2")).to_have_text("No decision fits these filters")
    await page.get_by_role("link", name="Reviewers").click()
    await expect(page.locator("[data-row]")).to_contain_text("0 % of 1")


@pytest.mark.slow
@pytest.mark.parametrize(
    "options",
    [{"color_scheme": "light"}, {"color_scheme": "dark"}, {"viewport": PHONE}],
    ids=["light", "dark", "phone"],
)
async def test_pages_of_approvals_have_no_barriers(
    console: Console, console_page: ConsolePage, options: dict[str, object]
) -> None:
    empty = await console_page("operator", "/console/approvals", **options)
    assert await find_barriers(empty) == []
    done, call = [await waiting_call(console, arguments={**ARGUMENTS, "text": HOSTILE}) for _ in range(2)]
    await reject_elsewhere(console, done)
    bulk = f"/console/approvals/bulk?decision=approved&call={call['envelope']['tenant_id']}~{call['envelope']['id']}"
    paths = ("/console/approvals", path_of(call), f"{path_of(call)}/edit", path_of(done), bulk)
    for path in (*paths, "/console/approvals/decided", "/console/approvals/reviewers"):
        page = await console_page("operator", path, **options)
        assert (path, await find_barriers(page)) == (path, [])
        width = await page.evaluate("document.documentElement.scrollWidth - innerWidth")
        assert (path, width) == (path, 0)
