"""The pages of dead letters: causes, one letter, its edit, and several at once."""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from playwright.async_api import Page, expect

from services.outbox import Disposition
from tests.control_plane.console.browser import PHONE, find_barriers
from tests.control_plane.console.conftest import Console, OpenPage
from tests.control_plane.console.test_approvals import field
from tests.control_plane.console.test_envelope_pages import propose, settle
from tests.control_plane.console.test_pages import HOSTILE

ConsolePage = Callable[..., Awaitable[Page]]


async def a_dead_letter(console: Console, error: str = "gone", **fields: Any) -> dict[str, Any]:
    doubtful = fields.pop("doubtful", False)
    envelope = await propose(console, **fields)
    await settle(console, Disposition.FAILED, error=error, doubtful=doubtful)
    return envelope


def path_of(letter: dict[str, Any]) -> str:
    return f"/console/dead-letters/{letter['tenant_id']}/{letter['id']}"


async def test_causes_lead_to_their_dead_letters(console: Console, console_page: ConsolePage) -> None:
    for number in range(2):
        await a_dead_letter(console, f'order {number} of "acme": HTTP 404')
    other = await a_dead_letter(console, "busy")
    page = await console_page("owner", "/console/dead-letters")
    await expect(page.locator("#causes [data-row]")).to_have_count(2)
    await expect(page.locator("#cause-1")).to_contain_text("order … of …: HTTP 404")
    await expect(page.locator("#cause-1 .number").first).to_have_text("2")

    await page.get_by_role("link", name="busy", exact=True).click()

    await expect(page.locator("h1")).to_have_text("busy")
    await expect(page.locator("#dead-letters [data-row]")).to_have_count(1)
    await expect(page.locator("#dead-letters [data-row]")).to_have_id(f"letter-{other['id']}")


async def test_an_edit_is_compared_checked_and_requeued(console: Console, console_page: ConsolePage) -> None:
    letter = await a_dead_letter(console, arguments={"text": "hullo", "price": 0.1, "list": [1, None]})
    page = await console_page("reviewer", path_of(letter))
    await page.keyboard.press("e")
    requeue = page.get_by_role("button", name="Requeue with these arguments")

    await expect(page.locator(".argument-field code")).to_have_text(["text", "list", "price", "amount"])
    await field(page, "price").fill("much")
    await expect(page.locator("#preview .problem")).to_have_text("arguments.price: is not number")
    await page.keyboard.press("Escape")
    await page.keyboard.press("u")
    await expect(field(page, "price")).to_have_value("0.1")
    await page.get_by_label("JSON", exact=True).check()
    await page.get_by_label("All arguments as JSON").fill('{"text": 7}')
    await requeue.click()
    await expect(page.locator("#edit [data-problem]")).to_contain_text("text")
    await page.get_by_label("Form", exact=True).check()
    await field(page, "text").fill("hello")
    await expect(page.locator("#preview del")).to_have_count(1)
    await expect(page.locator("#preview ins")).to_contain_text('"text": "hello"')
    await page.get_by_label("Reason").fill("a typo")
    await requeue.click()

    await expect(page).to_have_url(f"{console.url}/console/envelopes/{letter['tenant_id']}/{letter['id']}")
    await expect(page.locator("#envelope .page-head .badge")).to_have_text("pending")
    found = (await console.agent().get(f"/v1/envelopes/{letter['id']}")).json()
    assert found["arguments"] == {"text": "hello", "price": 0.1, "list": [1, None]}


@pytest.mark.parametrize("mode", ["Form", "JSON"])
async def test_an_unchanged_edit_means_the_same_also_with_hidden_characters(
    console: Console, console_page: ConsolePage, mode: str
) -> None:
    arguments = {"text": "a\u202egnp.exe\u200b \u00e4\n", "deep": {"\u2028": [1.5, "\x1b"]}}
    letter = await a_dead_letter(console, arguments=arguments)
    page = await console_page("owner", f"{path_of(letter)}/edit")
    await page.get_by_label(mode, exact=True).check()
    assert not {"\u202e", "\u2028"} & set(await page.content())
    await expect(page.locator("#preview")).to_contain_text("Nothing yet.")

    await page.get_by_role("button", name="Requeue with these arguments").click()

    await expect(page.locator("#envelope .page-head .badge")).to_have_text("pending")
    assert (await console.agent().get(f"/v1/envelopes/{letter['id']}")).json()["arguments"] == arguments


async def test_discarding_needs_a_reason(console: Console, console_page: ConsolePage) -> None:
    letter = await a_dead_letter(console)
    page = await console_page("reviewer", path_of(letter))
    await page.keyboard.press("u")
    await page.get_by_role("dialog").get_by_label("Reason").fill("placed by hand")
    await page.get_by_role("dialog").get_by_role("button", name="Discard").click()
    await expect(page.locator(".timeline > li").last).to_contain_text("placed by hand")
    await expect(page.locator("#envelope .page-head .badge")).to_have_text("cancelled")


async def test_several_are_shown_before_they_are_requeued_and_what_changed_is_named(
    console: Console, console_page: ConsolePage
) -> None:
    letters = [await a_dead_letter(console, doubtful=number == 0) for number in range(3)]
    page = await console_page("operator", "/console/dead-letters")
    await page.keyboard.press("x")
    for letter in letters:
        await expect(page.locator(f"#choose-{letter['id']}")).to_be_checked()
    await page.get_by_role("button", name="Requeue the chosen…").click()
    await expect(page.locator("h1")).to_have_text("Requeue 3 dead letters?")
    await expect(page.locator(".problem")).to_contain_text("1 dead letter of these is doubtful")
    await console.agent().post(f"/v1/dead-letters/{letters[1]['id']}/discard", json={"reason": "old"})

    await page.get_by_role("button", name="Requeue 3 dead letters").click()

    await expect(page.locator("h1")).to_have_text("2 dead letters requeued")
    await expect(page.get_by_role("region", name="Skipped")).to_contain_text("it is no dead letter any more")
    left = (await console.agent().get("/v1/dead-letters")).json()["items"]
    assert left == []


async def test_all_of_a_cause_are_discarded_with_one_reason(console: Console, console_page: ConsolePage) -> None:
    for number in range(3):
        await a_dead_letter(console, f"order {number} is gone")
    kept = await a_dead_letter(console, "busy")
    page = await console_page("owner", "/console/dead-letters")
    await page.locator("#cause-1 a").click()
    await page.get_by_role("link", name="Discard all…").click()
    await expect(page.locator("h1")).to_have_text("Discard 3 dead letters?")
    await page.get_by_label("Reason").fill("the shop is closed")
    await page.get_by_role("button", name="Discard 3 dead letters").click()

    await expect(page.locator("h1")).to_have_text("3 dead letters discarded")
    left = (await console.agent().get("/v1/dead-letters")).json()["items"]
    assert [letter["id"] for letter in left] == [kept["id"]]


async def test_a_member_may_look_and_change_nothing(postgres_console: Console, open_page: OpenPage) -> None:
    letter = await a_dead_letter(postgres_console)
    page = await open_page(postgres_console, "member", "/console/dead-letters")
    await expect(page.locator("#dead-letters [data-row]")).to_have_count(1)
    await expect(page.locator("#dead-letters input")).to_have_count(0)
    await page.goto(f"{postgres_console.url}{path_of(letter)}")
    await expect(page.locator("main button:not(.copy)")).to_have_count(0)
    token = await page.locator('meta[name="csrf-token"]').get_attribute("content")
    answer = await page.request.post(
        f"{postgres_console.url}{path_of(letter)}/requeue",
        headers={"x-csrf-token": token or "", "Origin": postgres_console.url},
    )  # fmt: skip
    assert answer.status == 403


async def test_another_tenants_dead_letter_is_not_there(postgres_console: Console, open_page: OpenPage) -> None:
    letter = await a_dead_letter(postgres_console)
    stranger = postgres_console.token("owner", tenant=postgres_console.api.other_tenant)
    page = await open_page(postgres_console, "owner", "/console/dead-letters", token=stranger)
    await expect(page.locator(".empty h2")).to_have_text("No dead letters")
    answer = await page.goto(f"{postgres_console.url}{path_of(letter)}")
    assert answer is not None
    assert answer.status == 404


async def test_hostile_errors_and_arguments_stay_text(postgres_console: Console, open_page: OpenPage) -> None:
    letters = [
        await a_dead_letter(postgres_console, text, external_id=f"{n} {text}", arguments={"text": text, text: text})
        for n, text in enumerate(HOSTILE)
    ]
    pages = [path for letter in letters for path in (path_of(letter), f"{path_of(letter)}/edit")]
    paths = ["/console/dead-letters", *pages]
    page = await open_page(postgres_console, "operator", paths[0])
    for path in paths:
        await page.goto(f"{postgres_console.url}{path}")
        assert await page.evaluate("window.hit") is None
        assert await page.locator("main img, main script, main [hx-trigger], main [onload]").count() == 0
        text = await page.locator("main").inner_text()
        assert not {"\u202e", "\u200b"} & set(text)
    await page.goto(f"{postgres_console.url}{paths[0]}")
    for row in range(await page.locator("#causes [data-row]").count()):
        await page.goto(f"{postgres_console.url}{paths[0]}")
        await page.locator("#causes [data-row] a").nth(row).click()
        await expect(page.locator("#dead-letters [data-row]")).not_to_have_count(0)
        assert await page.evaluate("window.hit") is None


@pytest.mark.slow
@pytest.mark.parametrize(
    "options",
    [{"color_scheme": "light"}, {"color_scheme": "dark"}, {"viewport": PHONE}],
    ids=["light", "dark", "phone"],
)
async def test_pages_have_no_barriers(
    postgres_console: Console, open_page: OpenPage, options: dict[str, object]
) -> None:
    letter = await a_dead_letter(postgres_console, "the tool refused: no such channel " + "x" * 200, doubtful=True)
    preview = "/console/dead-letters/preview?action=discard&cause=gone"
    for path in ("/console/dead-letters", path_of(letter), f"{path_of(letter)}/edit", preview):
        page = await open_page(postgres_console, "operator", path, **options)
        assert (path, await find_barriers(page)) == (path, [])
        width = await page.evaluate("document.documentElement.scrollWidth - innerWidth")
        assert (path, width) == (path, 0)
