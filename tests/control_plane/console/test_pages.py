"""What holds for every page: hostile text stays text, keys, times, copies, themes, refusals, and the weight."""

import gzip
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from playwright.async_api import Page, Request, expect

from tests.control_plane.api.conftest import a_proposal
from tests.control_plane.console.conftest import Console, OpenPage

ConsolePage = Callable[..., Awaitable[Page]]
HOSTILE = (
    "<script>window.hit=1</script>", "\"><img src=x onerror='window.hit=1'>", "{{ 7*7 }}{% x %}",
    "javascript:window.hit=1",
    "' hx-get='/console/sign-out' hx-trigger='load'",
    "</textarea></title><svg onload=alert(1)>",
    "a\u202egnp.exe\u200b", "<!--", "&lt;b&gt;",
)  # fmt: skip
MAX_BYTES = 150_000


@pytest.fixture
def console(memory_console: Console) -> Console:
    """What the browser does depends on no backend."""
    return memory_console


async def propose(console: Console, **fields: Any) -> dict[str, Any]:
    answer = await console.agent().post("/v1/envelopes", json=a_proposal(**fields))
    assert answer.status_code == 201, answer.text
    envelope: dict[str, Any] = answer.json()["envelope"]
    return envelope


def path_of(envelope: dict[str, Any]) -> str:
    return f"/console/envelopes/{envelope['tenant_id']}/{envelope['id']}"


async def test_text_of_an_agent_is_shown_and_never_obeyed(postgres_console: Console, open_page: OpenPage) -> None:
    for number, text in enumerate(HOSTILE):
        envelope = await propose(
            postgres_console, external_id=f"{number} {text}", arguments={"text": text, text: text},
            metadata={"ordering_key": text},
        )  # fmt: skip
        page = await open_page(postgres_console, "operator", path_of(envelope))
        shown = await page.locator(".json").first.inner_text()
        for character in ("\u202e", "\u200b"):
            shown = shown.replace(f"\\\\u{{{ord(character):x}}}", character)
        assert text in shown.replace('\\"', '"')
        assert await page.evaluate("window.hit") is None
        assert await page.locator("main img, main script, main [hx-trigger], main [onload]").count() == 0
    page = await open_page(postgres_console, "owner", "/console/envelopes")
    await expect(page.locator("[data-row]")).to_have_count(len(HOSTILE))
    assert await page.locator("main").inner_text() == (await page.locator("main").inner_text()).replace("\u202e", "")
    assert await page.evaluate("window.hit") is None


async def test_filters_with_hostile_text_stay_text_in_the_url_and_in_the_field(
    console: Console, console_page: ConsolePage
) -> None:
    page = await console_page("owner", "/console/envelopes")
    for text in HOSTILE[:5]:
        await page.get_by_label("Search").fill(text)
        await page.keyboard.press("Enter")
        await expect(page.get_by_label("Search")).to_have_value(text)
        assert await page.evaluate("window.hit") is None
    await expect(page.locator(".empty h2")).to_have_text("No envelope fits these filters")
    assert console.url in page.url


async def test_filters_stand_in_the_url_and_survive_a_reload_and_back(
    console: Console, console_page: ConsolePage
) -> None:
    await propose(console)
    page = await console_page("owner", "/console/envelopes")
    await page.locator("select[name=status]").select_option("success")
    await expect(page).to_have_url(f"{console.url}/console/envelopes?status=success")
    await page.reload()
    await expect(page.locator("select[name=status]")).to_have_value("success")
    await page.get_by_role("link", name="Clear").click()
    await expect(page.locator("[data-row]")).to_have_count(1)
    await page.go_back()
    await expect(page.locator("select[name=status]")).to_have_value("success")


async def test_keys_move_through_a_list_and_are_ignored_while_typing(
    console: Console, console_page: ConsolePage
) -> None:
    ids = [(await propose(console))["id"] for _ in range(3)][::-1]
    page = await console_page("owner", "/console/envelopes")

    async def row() -> str:
        return str(await page.evaluate("document.activeElement.closest('[data-row]')?.id"))

    for key, expected in [("j", ids[0]), ("j", ids[1]), ("j", ids[2]), ("j", ids[2]), ("k", ids[1])]:
        await page.keyboard.press(key)
        assert await row() == f"envelope-{expected}"

    await page.keyboard.press("/")
    await page.keyboard.type("jk?u/")
    await expect(page.get_by_label("Search")).to_have_value("jk?u/")
    assert not await page.locator("#keys").is_visible()

    await page.keyboard.press("Escape")
    await page.keyboard.press("?")
    await expect(page.locator("#keys")).to_contain_text("Next row")
    await page.keyboard.press("Escape")
    await expect(page.locator("#keys")).to_be_hidden()

    await page.keyboard.press("j")
    await page.keyboard.press("Enter")
    await expect(page).to_have_url(f"{console.url}/console/envelopes/{console.api.tenant}/{ids[0]}")
    await page.keyboard.press("?")
    await expect(page.locator("#keys")).to_contain_text("uCancel")


async def test_times_stand_in_the_zone_of_the_reader_with_utc_on_hover(
    console: Console, console_page: ConsolePage
) -> None:
    envelope = await propose(console)
    created = datetime.fromisoformat(envelope["created_at"]).astimezone(UTC)
    page = await console_page("owner", path_of(envelope), timezone_id="Asia/Kathmandu")
    time = page.locator("dt:has-text('Proposed') + dd time:not([data-ago])").first
    assert await time.get_attribute("title") == created.strftime("%Y-%m-%d %H:%M:%S UTC")
    local = await page.evaluate(
        "at => new Date(at).toLocaleTimeString('en-GB', { timeZone: 'Asia/Kathmandu' })", created.isoformat()
    )
    await expect(time).to_contain_text(local)


async def test_a_button_copies_the_whole_id(console: Console, console_page: ConsolePage) -> None:
    envelope = await propose(console)
    page = await console_page("owner", "/console/envelopes", permissions=["clipboard-read", "clipboard-write"])
    await page.get_by_role("button", name="Copy id").first.click()
    await expect(page.locator(".copy.done")).to_have_count(1)
    assert await page.evaluate("navigator.clipboard.readText()") == envelope["id"]


async def test_the_theme_is_remembered_and_comes_with_the_page(console_page: ConsolePage) -> None:
    page = await console_page("owner", "/console/envelopes", color_scheme="light")
    html = page.locator("html")
    for theme in ("light", "dark", "auto", "light", "dark"):
        await page.get_by_role("button", name="Theme").click()
        await expect(html).to_have_attribute("data-theme", theme)
    answer = await page.reload()
    assert answer is not None
    assert 'data-theme="dark"' in await answer.text()
    assert await page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(16, 17, 20)"


async def test_a_refused_change_says_why_and_keeps_the_dialog(console: Console, console_page: ConsolePage) -> None:
    envelope = await propose(console)
    page = await console_page("owner", path_of(envelope))
    await page.keyboard.press("u")
    await console.agent().post(f"/v1/envelopes/{envelope['id']}/cancel")
    await page.get_by_role("button", name="Cancel the envelope").click()
    await expect(page.locator("dialog [data-problem]")).to_contain_text("cancelled")
    assert await page.locator("#cancel").is_visible()


async def test_a_form_of_another_session_is_refused(postgres_console: Console, open_page: OpenPage) -> None:
    envelope = await propose(postgres_console)
    page = await open_page(postgres_console, "owner", path_of(envelope))
    await postgres_console.sign_in(page.context, postgres_console.token("owner"))  # somebody else, in this browser
    await page.keyboard.press("u")
    await page.get_by_role("button", name="Cancel the envelope").click()
    await expect(page.locator("dialog [data-problem]")).to_contain_text("does not belong to your session")
    found = await postgres_console.agent().get(f"/v1/envelopes/{envelope['id']}")
    assert found.json()["status"] == "pending"


async def test_signing_out_in_one_tab_closes_the_others(console_page: ConsolePage) -> None:
    page = await console_page("owner", "/console/envelopes")
    other = await page.context.new_page()
    await other.goto(page.url)
    await page.get_by_role("button", name="Sign out").click()
    await expect(other.locator("h1")).to_have_text("Sign in")


@pytest.mark.parametrize("person", ["operator", "member"])
async def test_the_first_load_is_light(console: Console, open_page: OpenPage, person: Any) -> None:
    for _ in range(60):
        await propose(console)
    page = await open_page(console, None, "/console/sign-in")
    await console.sign_in(page.context, console.token(person))
    fresh = await page.context.new_page()
    loaded: list[Request] = []
    fresh.on("requestfinished", lambda request: loaded.append(request))  # noqa: PLW0108  # playwright marks it
    await fresh.goto(f"{console.url}/console/envelopes")
    await expect(fresh.locator("[data-live-state]")).to_have_attribute("data-live-state", "live")
    answers = [await request.response() for request in loaded]
    bodies = [await answer.body() for answer in answers if answer is not None and not answer.url.endswith("/live")]
    assert len(bodies) >= 5
    assert sum(len(gzip.compress(body)) for body in bodies) < MAX_BYTES
