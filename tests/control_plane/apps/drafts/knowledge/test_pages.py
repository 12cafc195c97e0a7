"""Pages are fetched as their servers allow, never from our own network, and read again when they are due."""

import asyncio
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from control_plane.apps.drafts.knowledge import pages
from control_plane.apps.drafts.knowledge.extract import extract
from control_plane.apps.drafts.knowledge.fetch import Fetched, PageFetcher, Unreadable, Vanished
from control_plane.apps.drafts.knowledge.ingest import Imported
from control_plane.apps.drafts.knowledge.pages import ingest_pages, refresh_pages
from services.clock import Clock, utc_now
from services.errors import InvalidInput, Locked
from services.tools.outgoing import AllowedHosts
from tests.control_plane.apps.drafts.knowledge.conftest import OLGA, Shelf, a_shelf
from tests.control_plane.apps.drafts.knowledge.site import LOCAL, Site, a_site

TENANT = UUID(int=1)
PAGE = "<html lang='en'><title>Returns</title><nav>Menu</nav><main><h1>Returns</h1><p>Within 30 days.</p></main></html>"
NOTHING: dict[str, Any] = {}


def at(moment: datetime) -> Clock:
    return lambda: moment


@pytest.fixture
async def site() -> AsyncIterator[Site]:
    """A site without pages."""
    async with a_site() as running:
        yield running


async def ingested(shelf: Shelf, *urls: str, allowed: AllowedHosts = LOCAL, days: int = 0) -> Imported:
    return await ingest_pages(
        shelf.backends, shelf.tenant, urls, actor=OLGA, allowed_hosts=allowed,
        clock=lambda: utc_now() + timedelta(days=days),
    )  # fmt: skip


def counts(imported: Imported) -> dict[str, int]:
    return {name: count for name, count in imported.metrics().items() if count and name not in {"total", "read"}}


async def test_a_page_is_stored_and_not_fetched_whole_again(shelf: Shelf, site: Site) -> None:
    site.put("/returns", PAGE, etag='"1"')
    assert counts(await ingested(shelf, site.url("/returns"))) == {"saved": 1}
    assert counts(await ingested(shelf, site.url("/returns"))) == {"unchanged": 1}
    assert shelf.fetch("select title, language, etag, text from drafts.source_documents") == [
        ("Returns", "en", '"1"', "Within 30 days."),
    ]
    assert shelf.fetch("select type, status, metrics ->> 'saved' from drafts.job_runs order by created_at") == [
        ("crawl", "succeeded", "1"), ("crawl", "succeeded", "0"),
    ]  # fmt: skip


async def test_a_page_that_is_gone_is_cited_no_more(shelf: Shelf, site: Site) -> None:
    site.put("/returns", PAGE)
    await ingested(shelf, site.url("/returns"))
    site.pages.clear()
    assert counts(await ingested(shelf, site.url("/returns"))) == {"vanished": 1}
    assert await shelf.search("Returns within 30 days") == []


async def test_a_page_that_fails_keeps_what_was_known(shelf: Shelf, site: Site) -> None:
    site.put("/returns", PAGE)
    await ingested(shelf, site.url("/returns"))
    site.put("/returns", "", status=503)
    imported = await ingested(shelf, site.url("/returns"))
    assert imported.problems == [(site.url("/returns"), "the server answered 503")]
    assert len(await shelf.search("Returns within 30 days")) == 1


async def test_due_pages_are_read_again(shelf: Shelf, site: Site) -> None:
    site.put("/returns", PAGE)
    site.put("/hours", PAGE)
    await ingested(shelf, site.url("/returns"), days=-2)
    await ingested(shelf, site.url("/hours"))
    site.put("/returns", PAGE.replace("30", "60"))
    by_tenant = await refresh_pages(shelf.backends, actor=OLGA, allowed_hosts=LOCAL)
    assert {tenant: counts(each) for tenant, each in by_tenant.items()} == {shelf.tenant: {"saved": 1}}
    assert await refresh_pages(shelf.backends, actor=OLGA, allowed_hosts=LOCAL) == {}


async def test_each_refresh_keeps_the_interval_of_a_page(shelf: Shelf, site: Site) -> None:
    site.put("/kept", PAGE)
    site.put("/changed", PAGE)
    site.put("/failed", "", status=503)
    start = utc_now() - timedelta(days=30)
    await ingest_pages(
        shelf.backends, shelf.tenant, [site.url(path) for path in ("/kept", "/changed", "/failed")], actor=OLGA,
        allowed_hosts=LOCAL, refresh_every=timedelta(hours=2), clock=at(start),
    )  # fmt: skip
    site.put("/failed", PAGE)
    for day in (1, 2):
        site.put("/changed", PAGE.replace("30", str(day)))
        now = start + timedelta(days=day)
        await refresh_pages(shelf.backends, actor=OLGA, allowed_hosts=LOCAL, clock=at(now))
        assert shelf.fetch("select distinct next_refresh_at from drafts.source_documents") == [
            (now + timedelta(hours=2),)
        ]


async def test_another_interval_holds_from_the_next_import_on(shelf: Shelf, site: Site) -> None:
    site.put("/returns", PAGE)
    for hours in (2, 5):
        await ingest_pages(
            shelf.backends, shelf.tenant, [site.url("/returns")], actor=OLGA, allowed_hosts=LOCAL,
            refresh_every=timedelta(hours=hours),
        )  # fmt: skip
    assert shelf.fetch(
        "select refresh_hours, next_refresh_at > now() + interval '4 hours' from drafts.source_documents"
    ) == [(5, True)]


async def test_a_tenant_with_many_due_pages_leaves_room_for_the_others(shelf: Shelf, site: Site) -> None:
    for number in range(5):
        site.put(f"/{number}", PAGE)
    await ingested(shelf, *(site.url(f"/{number}") for number in range(5)), days=-3)
    other = await a_shelf(shelf.backends, shelf.url)
    await ingested(other, site.url("/0"), days=-2)
    by_tenant = await refresh_pages(shelf.backends, actor=OLGA, allowed_hosts=LOCAL, limit=2)
    assert {tenant: each.read for tenant, each in by_tenant.items()} == {shelf.tenant: 1, other.tenant: 1}


async def test_slow_pages_are_left_to_the_next_run(shelf: Shelf, site: Site) -> None:
    urls = [site.url(f"/{number}") for number in range(3)]
    for number in range(3):
        site.put(f"/{number}", PAGE)
    await ingested(shelf, *urls, days=-3)
    runs = [await refresh_pages(shelf.backends, actor=OLGA, allowed_hosts=LOCAL, within=timedelta(0)) for _ in range(4)]
    assert [[each.read for each in run.values()] for run in runs] == [[1], [1], [1], []]


async def test_a_page_over_which_the_reader_stumbles_stops_no_other(
    shelf: Shelf, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stumble(name: str, data: bytes, **options: Any) -> Any:
        return extract(name, data, **options) if name.endswith("/good") else NOTHING["what the page says"]

    monkeypatch.setattr(pages, "extract", stumble)
    for path in ("/good", "/bad"):
        site.put(path, PAGE)
    imported = await ingested(shelf, site.url("/good"), site.url("/bad"))
    assert (counts(imported), imported.problems) == (
        {"saved": 1, "failed": 1}, [(site.url("/bad"), "cannot be read (KeyError)")],
    )  # fmt: skip


async def test_a_tenant_whose_pages_cannot_be_stored_stops_no_other(
    shelf: Shelf, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    site.put("/returns", PAGE)
    other = await a_shelf(shelf.backends, shelf.url)
    for each in (shelf, other):
        await ingested(each, site.url("/returns"), days=-3)
    ingest = pages.ingest_pages

    async def fails_for_one(backends: Any, tenant: UUID, *args: Any, **options: Any) -> Imported:
        if tenant == shelf.tenant:
            raise Locked("database: an open transaction holds a lock")
        return await ingest(backends, tenant, *args, **options)

    monkeypatch.setattr(pages, "ingest_pages", fails_for_one)
    by_tenant = await refresh_pages(shelf.backends, actor=OLGA, allowed_hosts=LOCAL)
    assert by_tenant[shelf.tenant].problems == [
        (f"tenant {shelf.tenant}", "database: an open transaction holds a lock")
    ]
    assert counts(by_tenant[other.tenant]) == {"unchanged": 1}


async def test_addresses_of_our_own_network_are_never_reached(shelf: Shelf, site: Site) -> None:
    site.put("/returns", PAGE)
    imported = await ingested(shelf, site.url("/returns"), allowed=AllowedHosts())
    assert [problem for _, problem in imported.problems] == [
        "127.0.0.1 is a loopback address; name it in ACP_ALLOWED_HOSTS if calls may go there"
    ]
    assert site.requests == []


async def test_a_redirect_into_our_own_network_is_not_followed(site: Site) -> None:
    site.put("/away", "", status=302, location="http://169.254.169.254/latest")
    site.put("/here", "", status=301, location="/returns")
    site.put("/returns", PAGE)
    site.put("/loop", "", status=302, location="/loop")
    async with PageFetcher(TENANT, allowed_hosts=LOCAL) as fetcher:
        away = await fetcher.fetch(site.url("/away"))
        assert isinstance(away, Unreadable)
        assert "169.254.169.254 is a link-local address" in away.problem
        assert isinstance(await fetcher.fetch(site.url("/here")), Fetched)
        assert await fetcher.fetch(site.url("/loop")) == Unreadable("redirects more than 5 times")


class SleeplessClock:
    """Seconds that pass only while somebody sleeps."""

    def __init__(self) -> None:
        self.now = 0.0

    def seconds(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(0)
        self.now += seconds


def a_fetcher(clock: SleeplessClock) -> PageFetcher:
    return PageFetcher(TENANT, allowed_hosts=LOCAL, sleep=clock.sleep, seconds=clock.seconds)


async def test_robots_txt_is_obeyed(site: Site) -> None:
    site.put("/robots.txt", "User-agent: *\nDisallow: /private/", content_type="text/plain")
    site.put("/private/a", PAGE)
    site.put("/a", PAGE)
    async with PageFetcher(TENANT, allowed_hosts=LOCAL) as fetcher:
        assert await fetcher.fetch(site.url("/private/a")) == Unreadable("robots.txt of the server does not allow it")
        assert isinstance(await fetcher.fetch(site.url("/a")), Fetched)
    assert site.requests == ["/robots.txt", "/a"]


@pytest.mark.parametrize(("asked", "kept"), [("2", 2.0), ("3600", 10.0), ("nan", 0.0)])
async def test_a_server_gets_one_request_after_another_with_its_delay(site: Site, asked: str, kept: float) -> None:
    site.put("/robots.txt", f"User-agent: *\nCrawl-delay: {asked}", content_type="text/plain")
    clock, arrived = SleeplessClock(), list[float]()
    for path in ("/a", "/b", "/c"):
        site.put(path, PAGE)

    async def note(path: str) -> None:
        if path != "/robots.txt":
            arrived.append(clock.now)

    site.before_answer = note
    async with a_fetcher(clock) as fetcher:
        await asyncio.gather(*(fetcher.fetch(site.url(path)) for path in ("/a", "/b", "/c")))
    assert (arrived, site.requests.count("/robots.txt")) == ([0.0, kept, 2 * kept], 1)


async def test_time_that_has_passed_counts_for_the_delay(site: Site) -> None:
    site.put("/robots.txt", "User-agent: *\nCrawl-delay: 5", content_type="text/plain")
    site.put("/a", PAGE)
    clock = SleeplessClock()
    async with a_fetcher(clock) as fetcher:
        await fetcher.fetch(site.url("/a"))
        clock.now = 4.0
        await fetcher.fetch(site.url("/a"))
    assert clock.now == 5.0


async def test_different_servers_are_read_at_once(shelf: Shelf, site: Site) -> None:
    async with a_site() as other:
        site.put("/a", PAGE)
        other.put("/b", PAGE)
        both = asyncio.Barrier(2)

        async def wait_for_both(path: str) -> None:
            if path != "/robots.txt":
                await both.wait()

        site.before_answer = other.before_answer = wait_for_both
        async with asyncio.timeout(5):
            imported = await ingested(shelf, site.url("/a"), other.url("/b"))
    assert counts(imported) == {"saved": 2}


async def test_without_a_readable_robots_txt_nothing_is_fetched(site: Site) -> None:
    site.put("/robots.txt", "", status=500)
    site.put("/a", PAGE)
    async with PageFetcher(TENANT, allowed_hosts=LOCAL) as fetcher:
        assert await fetcher.fetch(site.url("/a")) == Unreadable("robots.txt of the server cannot be read (status 500)")


@pytest.mark.parametrize(
    ("headers", "body", "problem"),
    [
        ({"content-type": "image/png"}, b"x", "its media type is image/png, which cannot be read"),
        ({"content-encoding": "gzip"}, b"x", "the server compresses the page although we did not ask for it"),
        ({}, b"x" * 1_100_000, "has more than 1,048,576 bytes"),
    ],
)
async def test_a_page_that_cannot_be_read_says_why(
    site: Site, headers: dict[str, str], body: bytes, problem: str
) -> None:
    site.put("/a", body)
    site.pages["/a"][1].update(headers)
    async with PageFetcher(TENANT, allowed_hosts=LOCAL) as fetcher:
        assert await fetcher.fetch(site.url("/a")) == Unreadable(problem)
        assert await fetcher.fetch(site.url("/none")) == Vanished()


async def test_the_encoding_of_the_header_counts(site: Site) -> None:
    site.put("/a", "Größe".encode("latin-1"), content_type="text/plain; charset=ISO-8859-1")
    async with PageFetcher(TENANT, allowed_hosts=LOCAL) as fetcher:
        page = await fetcher.fetch(site.url("/a"))
    assert isinstance(page, Fetched)
    assert (page.data.decode(), page.ending) == ("Größe", ".txt")


@pytest.mark.parametrize("address", ["ftp://a.example/", "https://kim:secret@a.example/", "help", "https://"])
async def test_an_address_that_is_none_is_refused(shelf: Shelf, address: str) -> None:
    with pytest.raises(InvalidInput, match=r"^urls: "):
        await ingested(shelf, address)
