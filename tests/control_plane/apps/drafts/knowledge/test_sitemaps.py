"""A sitemap gives the pages of its own host, and none can grow, go round in circles or lead elsewhere."""

import gzip
from collections.abc import AsyncIterator

import pytest

from control_plane.apps.drafts.knowledge import sitemaps
from control_plane.apps.drafts.knowledge.sitemaps import expand_sitemaps, is_sitemap, read_sitemap
from services.errors import InvalidInput
from services.tools.outgoing import AllowedHosts
from tests.control_plane.apps.drafts.knowledge.site import LOCAL, Site, a_site
from tests.control_plane.apps.drafts.mail_samples import TENANT

NAMESPACE = 'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"'


@pytest.fixture
async def site() -> AsyncIterator[Site]:
    async with a_site() as running:
        yield running


def pages(*urls: str) -> str:
    return f"<urlset {NAMESPACE}>{''.join(f'<url><loc> {url} </loc></url>' for url in urls)}</urlset>"


def index(*urls: str) -> str:
    return f"<sitemapindex {NAMESPACE}>{''.join(f'<sitemap><loc>{url}</loc></sitemap>' for url in urls)}</sitemapindex>"


def serve(site: Site, path: str, body: str | bytes, content_type: str = "application/xml") -> str:
    site.put(path, body, content_type=content_type)
    return site.url(path)


async def expanded(*addresses: str, allowed: AllowedHosts = LOCAL) -> list[str]:
    return await expand_sitemaps(TENANT, addresses, allowed_hosts=allowed)


async def test_the_pages_of_the_sitemaps_own_host_take_its_place(site: Site) -> None:
    first = pages(
        site.url("/a?x=1&amp;y=2"), "https://evil.example/b", "file:///etc/passwd", site.url("/a?x=1&amp;y=2"),
        site.url("/c#part"), f"http://127.0.0.1.evil.example:{site.port}/d", "http://169.254.169.254/", "",
    )  # fmt: skip
    address = serve(site, "/sitemap.xml", first)
    assert await expanded(site.url("/before"), address) == [site.url("/before"), site.url("/a?x=1&y=2"), site.url("/c")]
    assert set(site.requests) == {"/robots.txt", "/sitemap.xml"}


async def test_sitemaps_that_name_each_other_are_read_once(site: Site) -> None:
    packed = serve(site, "/two.xml.gz", gzip.compress(pages(site.url("/b")).encode()), "application/x-gzip")
    serve(site, "/one.xml", pages(site.url("/a"), site.url("/b")))
    top = serve(site, "/sitemap.xml", index(site.url("/sitemap.xml"), site.url("/one.xml"), packed, "https://evil.x/"))
    assert await expanded(top) == [site.url("/a"), site.url("/b")]
    assert sorted(site.requests) == ["/one.xml", "/robots.txt", "/sitemap.xml", "/two.xml.gz"]


async def test_what_is_no_sitemap_is_not_read(site: Site) -> None:
    assert await expanded(site.url("/page")) == [site.url("/page")]
    assert site.requests == []
    assert all(is_sitemap(each) for each in ("https://a.x/S.XML", "https://a.x/s.xml.gz?v=1"))
    assert not any(is_sitemap(each) for each in ("https://a.x/", "s.xml", "https://a.x/?s.xml"))


async def test_a_sitemap_of_our_own_network_and_one_that_robots_txt_forbids_are_refused(site: Site) -> None:
    address = serve(site, "/sitemap.xml", pages(site.url("/a")))
    with pytest.raises(InvalidInput, match=r"^sitemap: .*loopback"):
        await expanded(address, allowed=AllowedHosts())
    site.put("/robots.txt", "User-agent: *\nDisallow: /", content_type="text/plain")
    with pytest.raises(InvalidInput, match=r"robots\.txt"):
        await expanded(address)
    assert "/sitemap.xml" not in site.requests


async def test_too_many_pages_or_sitemaps_are_refused(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sitemaps, "MAX_PAGES", 2)
    monkeypatch.setattr(sitemaps, "MAX_SITEMAPS", 2)
    many = serve(site, "/pages.xml", pages(*(site.url(f"/{number}") for number in range(3))))
    with pytest.raises(InvalidInput, match="has more than 2 pages; give the sitemap of a part"):
        await expanded(many)
    wide = serve(site, "/wide.xml", index(*(site.url(f"/{number}.xml") for number in range(3))))
    with pytest.raises(InvalidInput, match="names more than 2 sitemaps; give one of them"):
        await expanded(wide)


async def test_a_sitemap_without_a_page_or_that_is_not_there_is_named(site: Site) -> None:
    with pytest.raises(InvalidInput, match="has no page of its own host"):
        await expanded(serve(site, "/empty.xml", pages("https://evil.example/")))
    with pytest.raises(InvalidInput, match=r"/gone\.xml: the server knows no such page"):
        await expanded(site.url("/gone.xml"))
    with pytest.raises(InvalidInput, match="its media type is text/html, which cannot be read"):
        await expanded(serve(site, "/page.xml", "<html>", "text/html"))


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        (b"<urlset><url>", "is not valid XML"),
        (b"", "is not valid XML"),
        (b"\xff\xfe\x00", "is not valid XML"),
        (b'<?xml version="1.0" encoding="x-unknown"?><urlset/>', "is not valid XML"),
        (gzip.compress(b"<urlset/>", mtime=0)[:10] + b"\xff" * 9, "is damaged: it cannot be unpacked"),
        (gzip.compress(b"<urlset/>", mtime=0)[:-9], "is damaged: its end is missing"),
        (
            gzip.compress(b" " * (sitemaps.MAX_UNPACKED_BYTES + 1), mtime=0),
            "has more than 10,485,760 bytes when it is unpacked",
        ),
        (
            b'<!DOCTYPE a [<!ENTITY b "bbbb"><!ENTITY c "&b;&b;">]><urlset><url><loc>&c;</loc></url></urlset>',
            "has a DOCTYPE declaration: remove it",
        ),
        (b'<!DOCTYPE a SYSTEM "file:///etc/passwd"><urlset/>', "has a DOCTYPE declaration: remove it"),
    ],
)
def test_a_hostile_or_damaged_sitemap_is_refused(data: bytes, problem: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        read_sitemap("s.xml", data)
    assert str(refused.value) == f"sitemap: s.xml {problem}"


def test_a_sitemap_may_be_nested_deeply_and_have_other_elements() -> None:
    deep = b"<a>" * 50_000 + b"</a>" * 50_000
    assert read_sitemap("s.xml", deep).pages == []
    image = b"<urlset><url><loc>https://a.x/</loc><i:image><i:loc>https://a.x/i.png</i:loc></i:image></url></urlset>"
    assert read_sitemap("s.xml", image.replace(b"<urlset>", b'<urlset xmlns:i="i">')).pages == ["https://a.x/"]
