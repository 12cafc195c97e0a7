"""A page shows changes without a reload, and never at the cost of what its reader is doing."""

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.async_api import Page, expect

from control_plane.api.open_streams import OpenStreams
from tests.control_plane.api.conftest import a_proposal
from tests.control_plane.console.conftest import Console, OpenPage
from tests.control_plane.console.probe import Probe, probe_page

NEWER = "#newer"


@pytest.fixture
def probe(monkeypatch: pytest.MonkeyPatch) -> Iterator[Probe]:
    with probe_page(monkeypatch) as probe:
        yield probe


@pytest.fixture
def console(probe: Probe, memory_console: Console) -> Console:  # noqa: ARG001  # the probe is mounted with it
    """What the browser does depends on no backend."""
    return memory_console


@pytest.fixture
async def page(console: Console, open_page: OpenPage) -> Page:
    return await live_page(open_page, console)


async def live_page(open_page: OpenPage, console: Console, **options: Any) -> Page:
    """The probe, live."""
    page = await open_page(console, "owner", "/console/probe", **options)
    await settled(page)
    return page


async def settled(page: Page) -> None:
    """Until the page is live."""
    await expect(page.locator("[data-live-state]")).to_have_attribute("data-live-state", "live")


async def change(console: Console) -> None:
    """Something that the region shows changes."""
    answer = await console.agent().post("/v1/envelopes", json=a_proposal())
    assert answer.status_code == 201


async def focused(page: Page) -> str:
    """The text or name of the element with the focus."""
    return str(await page.evaluate("document.activeElement.name || document.activeElement.textContent.trim()"))


async def shown(page: Page) -> int:
    return int(await page.locator("#renders").inner_text())


async def updated(page: Page, before: int) -> None:
    """Until the region shows a later rendering."""
    await page.wait_for_function(
        "before => Number(document.querySelector('#renders').textContent) > before", arg=before
    )


async def test_a_change_updates_only_the_regions_that_show_it(console: Console, page: Page) -> None:
    before, other = await shown(page), await page.locator("#other-renders").inner_text()
    await change(console)
    await updated(page, before)
    assert await page.locator("#other-renders").inner_text() == other


async def test_a_page_is_rendered_once_until_something_changes(
    console: Console, probe: Probe, open_page: OpenPage
) -> None:
    page = await live_page(open_page, console)
    await change(console)
    await updated(page, 1)
    assert (probe.renders, probe.live_reads) == (2, 1)


async def test_an_update_keeps_the_focus_on_the_same_link_although_its_row_moves(
    console: Console, probe: Probe, page: Page
) -> None:
    before = await shown(page)
    await page.get_by_role("link", name="two").focus()
    probe.rows = ["new", "one", "newer", "two", "three"]
    await change(console)
    await updated(page, before)
    assert await focused(page) == "two"


@pytest.mark.parametrize("label", ["Note", "Reason"])
async def test_an_update_waits_while_a_field_has_typed_text(console: Console, page: Page, label: str) -> None:
    before = await shown(page)
    typed = page.get_by_label(label)
    await typed.fill("because")
    await page.get_by_role("link", name="one").focus()

    await change(console)
    await expect(page.locator(NEWER)).to_be_visible()
    assert (await typed.input_value(), await shown(page), await focused(page)) == ("because", before, "one")

    await typed.fill("")
    await typed.blur()
    await updated(page, before)
    await expect(page.locator(NEWER)).to_be_hidden()


async def test_an_update_waits_while_a_person_types_or_has_chosen(console: Console, page: Page) -> None:
    before = await shown(page)
    await page.get_by_label("Note").focus()
    await change(console)
    await expect(page.locator(NEWER)).to_be_visible()
    await page.keyboard.type("a whole sentence")
    assert (await page.get_by_label("Note").input_value(), await shown(page)) == ("a whole sentence", before)

    await page.get_by_label("Note").fill("")
    await page.get_by_label("Code").select_option("b")
    await page.get_by_role("link", name="one").focus()
    await change(console)
    await expect(page.locator(NEWER)).to_be_visible()
    assert (await page.get_by_label("Code").input_value(), await shown(page)) == ("b", before)

    await page.get_by_label("Code").select_option("a")
    await updated(page, before)


async def test_an_update_waits_while_the_element_with_the_focus_would_go(
    console: Console, probe: Probe, page: Page
) -> None:
    before = await shown(page)
    await page.get_by_role("link", name="two").focus()
    probe.rows = ["one", "three"]
    await change(console)
    await expect(page.locator(NEWER)).to_be_visible()
    assert (await focused(page), await shown(page)) == ("two", before)

    await page.get_by_role("link", name="three").focus()
    await updated(page, before)
    assert await focused(page) == "three"
    await expect(page.get_by_role("link", name="two")).to_have_count(0)


async def test_an_update_waits_while_text_is_selected_and_keeps_what_is_open_or_ticked(
    console: Console, page: Page
) -> None:
    before = await shown(page)
    await page.locator("summary").click()
    await page.get_by_label("Chosen").check()
    await page.evaluate("getSelection().selectAllChildren(document.querySelector('#row-one'))")
    await change(console)
    await expect(page.locator(NEWER)).to_be_visible()

    await page.evaluate("getSelection().removeAllRanges()")
    await updated(page, before)
    assert await page.locator("#more").get_attribute("open") is not None
    assert await page.get_by_label("Chosen").is_checked()


async def test_newer_data_comes_at_once_when_the_reader_asks_for_it(console: Console, page: Page) -> None:
    before = await shown(page)
    await page.get_by_label("Note").fill("draft")
    await change(console)
    await page.get_by_role("button", name="Show it").click()
    await updated(page, before)


async def test_many_changes_are_one_reading_a_second(console: Console, probe: Probe, open_page: OpenPage) -> None:
    page = await live_page(open_page, console)
    await page.evaluate("""
        window.heard = 0;
        const second = new SharedWorker(document.body.dataset.worker, { name: document.body.dataset.session });
        second.port.onmessage = ({ data }) => { if (data.type === "change") heard += data.changes.length; };
        second.port.postMessage({ type: "hello", stream: document.body.dataset.stream, renderedAt: Date.now() });
    """)
    await page.clock.install()
    before = probe.live_reads
    await page.clock.pause_at("2030-01-01T00:00:00")
    for number in range(5):
        await change(console)
        await page.wait_for_function("number => heard >= number", arg=number + 1)
    await page.clock.run_for(1)
    await expect(page.locator("#renders")).to_have_text(str(probe.renders))
    first = probe.live_reads
    await change(console)
    await page.wait_for_function("() => heard >= 6")
    await page.clock.run_for(900)
    within, rendered = probe.live_reads, await shown(page)
    await page.clock.run_for(200)
    await updated(page, rendered)
    assert (first - before, within - first, probe.live_reads - within) == (1, 0, 1)


async def test_a_hidden_tab_reads_nothing_until_it_is_shown(
    console: Console, probe: Probe, open_page: OpenPage
) -> None:
    hidden = await live_page(open_page, console)
    before, reads = await shown(hidden), probe.live_reads
    await hidden.evaluate("Object.defineProperty(document, 'hidden', { value: true, configurable: true })")
    seen = await hidden.context.new_page()
    await seen.goto(hidden.url)
    await expect(seen.locator("[data-live-state]")).to_have_attribute("data-live-state", "live")
    reads = probe.live_reads

    rendered = await shown(seen)
    await change(console)
    await updated(seen, rendered)
    assert (await shown(hidden), probe.live_reads) == (before, reads + 1)

    await hidden.evaluate("delete document.hidden; document.dispatchEvent(new Event('visibilitychange'))")
    await updated(hidden, before)


async def test_eight_tabs_of_a_session_are_live_over_one_stream(
    console: Console,
    open_page: OpenPage,
    browser: Any,  # noqa: ARG001
) -> None:
    first = await live_page(open_page, console)
    tabs = [first]
    for _ in range(7):
        tab = await first.context.new_page()
        await tab.goto(first.url)
        tabs.append(tab)
    for tab in tabs:
        await expect(tab.locator("[data-live-state]")).to_have_attribute("data-live-state", "live")
    assert console.api.app.state.feed.followers == 1

    before = [await shown(tab) for tab in tabs]
    await change(console)
    for tab, rendered in zip(tabs, before, strict=True):
        await updated(tab, rendered)


async def test_a_reading_that_failed_is_repeated(console: Console, probe: Probe, open_page: OpenPage) -> None:
    page = await open_page(console, "owner", "/console/probe", refused=(503,))
    await settled(page)
    before = await shown(page)
    probe.is_away = True
    async with page.expect_response(lambda answer: answer.status == 503):
        await change(console)
    probe.is_away = False
    await updated(page, before)


async def test_a_browser_without_shared_workers_is_live_too(console: Console, open_page: OpenPage) -> None:
    page = await open_page(console, "operator", "/console/sign-in")
    await page.context.add_init_script("delete window.SharedWorker")
    await page.goto(f"{console.url}/console/probe")
    await settled(page)
    before = await shown(page)
    await change(console)
    await updated(page, before)


@pytest.mark.parametrize("shared", [True, False])
async def test_a_page_whose_stream_is_refused_says_so_and_is_live_as_soon_as_there_is_room(
    console: Console, open_page: OpenPage, *, shared: bool
) -> None:
    streams, console.api.app.state.streams = console.api.app.state.streams, OpenStreams(per_caller=0)
    page = await open_page(console, "operator", "/console/sign-in")
    if not shared:
        await page.context.add_init_script("delete window.SharedWorker")
    await page.goto(f"{console.url}/console/probe")
    await expect(page.locator("[data-live-text]")).to_have_text("Reconnecting")
    console.api.app.state.streams = streams
    await settled(page)


async def test_a_page_whose_stream_is_refused_asks_less_and_less_often(console: Console, open_page: OpenPage) -> None:
    console.api.app.state.streams = OpenStreams(per_caller=0)
    page = await open_page(console, "operator", "/console/sign-in")
    await page.context.add_init_script("""
        delete window.SharedWorker;
        window.asked = window.refused = 0;
        window.EventSource = class extends EventSource {
            constructor(url) {
                super(url);
                asked += 1;
                this.addEventListener("error", () => { refused += 1; });
            }
        };
    """)
    await page.clock.install()
    await page.clock.pause_at("2030-01-01T00:00:00")
    await page.goto(f"{console.url}/console/probe")
    for asked, pause in enumerate((500, 1000, 2000, 4000, 8000, 10_000, 10_000), start=1):
        await page.wait_for_function("asked => refused === asked", arg=asked)
        await page.clock.run_for(pause - 1)
        assert await page.evaluate("asked") == asked
        await page.clock.run_for(1)
        assert await page.evaluate("asked") == asked + 1


async def test_a_session_that_ends_in_the_middle_of_work_costs_no_work(console: Console, open_page: OpenPage) -> None:
    token = console.token("owner", sub="olga")
    page = await open_page(console, "owner", "/console/probe", token=token)
    await settled(page)
    await page.get_by_label("Reason").fill("a long reason")
    before = await shown(page)

    await console.sign_in(page.context, console.token("owner", sub="olga", exp=1))
    await change(console)
    await expect(page.locator("#expired")).to_be_visible()

    async with page.context.expect_page() as opening:
        await page.get_by_role("link", name="Sign in").click()
    again = await opening.value
    await again.get_by_label("Token").fill(token)
    await again.get_by_role("button", name="Sign in").click()
    await expect(again.locator("h2").first).to_have_text("You are signed in again")

    await expect(page.locator("#expired")).to_be_hidden()
    assert await page.get_by_label("Reason").input_value() == "a long reason"
    assert await page.evaluate("document.querySelector('meta[name=csrf-token]').content") == await again.evaluate(
        "document.querySelector('meta[name=csrf-token]').content"
    )
    await page.get_by_label("Reason").fill("")
    await page.get_by_label("Reason").blur()
    await updated(page, before)
