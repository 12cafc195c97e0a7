"""Read the addresses of pages from a sitemap (https://www.sitemaps.org/protocol.html), which may name other sitemaps.

Only addresses of the sitemap's own host are used: nobody who writes a sitemap can make us read the pages of others. The
size of a sitemap, also unpacked, and the number of sitemaps and pages are limited.
"""

import zlib
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from uuid import UUID
from xml.parsers import expat

from control_plane.apps.drafts.knowledge.fetch import Fetched, PageFetcher, Unreadable, parse_url
from control_plane.apps.drafts.knowledge.pages import MAX_PAGES
from services.errors import InvalidInput
from services.tools.outgoing import AllowedHosts

MAX_SITEMAPS = 50
MAX_UNPACKED_BYTES = 10 * 1024 * 1024
MEDIA_TYPES = {
    "application/xml": ".xml", "text/xml": ".xml", "application/gzip": ".xml.gz", "application/x-gzip": ".xml.gz",
    "application/octet-stream": ".xml.gz",
}  # fmt: skip
_GZIP = b"\x1f\x8b"


def is_sitemap(address: str) -> bool:
    """Whether the address has the ending of a sitemap."""
    url = parse_url(address.strip())
    return url is not None and url.path.lower().endswith((".xml", ".xml.gz"))


async def expand_sitemaps(tenant_id: UUID, addresses: Sequence[str], *, allowed_hosts: AllowedHosts) -> list[str]:
    """Replace each address of a sitemap by the addresses of the sitemap's pages. Raises InvalidInput."""
    if not any(is_sitemap(address) for address in addresses):
        return list(addresses)
    found: list[str] = []
    async with PageFetcher(tenant_id, allowed_hosts=allowed_hosts) as fetcher:
        for address in addresses:
            found += await _read_pages(fetcher, address) if is_sitemap(address) else [address]
    return found


async def _read_pages(fetcher: PageFetcher, address: str) -> list[str]:
    """The addresses of the pages that a sitemap lists, then of the pages that its sitemaps list."""
    pages: dict[str, None] = {}
    known, waiting = {address}, deque([address])
    while waiting:
        sitemap = waiting.popleft()
        listed = read_sitemap(sitemap, await _fetch(fetcher, sitemap))
        pages |= dict.fromkeys(_of_host(address, listed.pages))
        if len(pages) > MAX_PAGES:
            raise InvalidInput("sitemap", f"{address} has more than {MAX_PAGES:,} pages; give the sitemap of a part")
        named = [each for each in dict.fromkeys(_of_host(address, listed.sitemaps)) if each not in known]
        known.update(named)
        waiting.extend(named)
        if len(known) > MAX_SITEMAPS:
            raise InvalidInput("sitemap", f"{address} names more than {MAX_SITEMAPS} sitemaps; give one of them")
    if not pages:
        raise InvalidInput("sitemap", f"{address} has no page of its own host")
    return list(pages)


async def _fetch(fetcher: PageFetcher, address: str) -> bytes:
    match await fetcher.fetch(address, media_types=MEDIA_TYPES):
        case Fetched(data=data):
            return data
        case Unreadable(problem):
            raise InvalidInput("sitemap", f"{address}: {problem}")
        case _:
            raise InvalidInput("sitemap", f"{address}: the server knows no such page")


def _of_host(sitemap: str, addresses: Sequence[str]) -> Iterator[str]:
    own = parse_url(sitemap)
    for address in addresses:
        url = parse_url(address)
        if url is not None and own is not None and (url.scheme, url.netloc) == (own.scheme, own.netloc):
            yield str(url)


@dataclass(slots=True)
class Listed:
    """The addresses in one sitemap."""

    pages: list[str] = field(default_factory=list)
    sitemaps: list[str] = field(default_factory=list)


def read_sitemap(name: str, data: bytes) -> Listed:
    """The addresses in a sitemap, which may be compressed by gzip. Raises InvalidInput. Pure."""
    listed = Listed()
    path: list[str] = []
    texts: list[str] = []

    def start(tag: str, _: object) -> None:
        path.append(tag.rpartition(":")[2].lower())
        texts.clear()

    def end(_: str) -> None:
        match path[-2:]:
            case ["url", "loc"]:
                listed.pages.append("".join(texts).strip())
            case ["sitemap", "loc"]:
                listed.sitemaps.append("".join(texts).strip())
        path.pop()

    def refuse(*_: object) -> None:  # a DOCTYPE can define entities that grow without limit, or that read files
        raise InvalidInput("sitemap", f"{name} has a DOCTYPE declaration: remove it")

    parser = expat.ParserCreate()
    parser.StartElementHandler, parser.EndElementHandler = start, end
    parser.CharacterDataHandler, parser.StartDoctypeDeclHandler = texts.append, refuse
    try:
        parser.Parse(_unpacked(name, data), True)
    except (expat.ExpatError, LookupError, ValueError) as exc:
        raise InvalidInput("sitemap", f"{name} is not valid XML") from exc
    return listed


def _unpacked(name: str, data: bytes) -> bytes:
    if not data.startswith(_GZIP):
        return data
    unpacker = zlib.decompressobj(wbits=31)
    try:
        unpacked = unpacker.decompress(data, MAX_UNPACKED_BYTES + 1)
    except zlib.error as exc:
        raise InvalidInput("sitemap", f"{name} is damaged: it cannot be unpacked") from exc
    if len(unpacked) > MAX_UNPACKED_BYTES:
        raise InvalidInput("sitemap", f"{name} has more than {MAX_UNPACKED_BYTES:,} bytes when it is unpacked")
    if not unpacker.eof:
        raise InvalidInput("sitemap", f"{name} is damaged: its end is missing")
    return unpacked
