"""Fetch pages of the web, through the product's own connections: an address of our network is never reached.

See docs/decisions/017 and services/tools/outgoing.py. Redirects are followed here, and each of their addresses is
checked like the first.
"""

import asyncio
import time
from collections import defaultdict
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from types import TracebackType
from typing import TYPE_CHECKING, Self
from uuid import UUID

import httpx

from control_plane.apps.drafts.knowledge.extract import MEDIA_TYPES
from services.tools.http.connection import MAX_BODY_BYTES, Exchange
from services.tools.http.pool import Pool, PoolKey
from services.tools.outgoing import AllowedHosts, Connector
from services.untrusted import one_line

if TYPE_CHECKING:
    from protego import Protego

USER_AGENT = "agent-control-plane-drafts"
"""The User-Agent of each request, and our name in robots.txt files."""
FETCH_WITHIN = timedelta(seconds=20)
MAX_REDIRECTS = 5
MAX_IDLE_CONNECTIONS = 8
MAX_CRAWL_DELAY = 10.0
"""Seconds, at most, between the end of a request to a server and the next one, if its robots.txt asks for a delay."""
MAX_URL_BYTES = 2048

Sleep = Callable[[float], Awaitable[None]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetched:
    """A fetched page. `ending` is the ending of a file name for its media type, such as `.html`."""

    data: bytes = field(repr=False)
    ending: str
    etag: str | None = None
    last_modified: str | None = None


@dataclass(frozen=True, slots=True)
class Unchanged:
    """The server says that the page has not changed since the stored version."""


@dataclass(frozen=True, slots=True)
class Vanished:
    """The server says that there is no such page (404 or 410)."""


@dataclass(frozen=True, slots=True)
class Unreadable:
    """The page could not be read; `problem` is one line without the address."""

    problem: str


Answer = Fetched | Unchanged | Vanished | Unreadable


@dataclass(slots=True)
class _Server:
    """What is known of a server. Who holds `lock` may send it a request."""

    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    robots: "Protego | Unreadable | None" = None
    next_at: float = 0.0
    """The time on the fetcher's clock from which a page may be requested."""


class PageFetcher:
    """Fetches pages for one tenant: of each server one after another with the delay of its robots.txt, of different
    servers at once. An async context manager; it reads the robots.txt of each server once."""

    def __init__(
        self,
        tenant_id: UUID,
        *,
        allowed_hosts: AllowedHosts = AllowedHosts(),  # noqa: B008  # frozen
        sleep: Sleep = asyncio.sleep,
        seconds: Callable[[], float] = time.monotonic,
    ) -> None:
        self._tenant_id = tenant_id
        self._connector = Connector(allowed_hosts)
        self._sleep = sleep
        self._seconds = seconds
        self._servers: defaultdict[str, _Server] = defaultdict(_Server)
        self._pool: Pool | None = None

    async def __aenter__(self) -> Self:
        self._pool = Pool(self._connector, max_idle=MAX_IDLE_CONNECTIONS)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, exc: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._pool is not None:
            self._pool.close()
            await asyncio.sleep(0)  # let the event loop close the connections

    async def fetch(
        self, address: str, *, etag: str | None = None, last_modified: str | None = None,
        media_types: Mapping[str, str] = MEDIA_TYPES,
    ) -> Answer:  # fmt: skip
        """The page at this address, if robots.txt allows it and it is of one of these media types. `etag` and
        `last_modified` are those of the stored version."""
        known = {"if-none-match": etag, "if-modified-since": last_modified}
        headers = {name: value for name, value in known.items() if value} | {"accept": ", ".join(media_types)}
        for _ in range(MAX_REDIRECTS + 1):
            url = parse_url(address)
            if url is None:
                return Unreadable(
                    "the address must be an http:// or https:// URL of at most 2,048 bytes, without a user name"
                )
            exchange = await self._get_if_allowed(url, headers)
            if isinstance(exchange, Unreadable):
                return exchange
            location = exchange.headers.get("location")
            if exchange.status not in {301, 302, 303, 307, 308} or not location:
                return _answer(exchange, media_types)
            try:
                address = str(url.join(location))
            except httpx.InvalidURL:
                return Unreadable("redirects to something that is not an address")
        return Unreadable(f"redirects more than {MAX_REDIRECTS} times")

    async def _get_if_allowed(self, url: httpx.URL, headers: dict[str, str]) -> Exchange | Unreadable:
        """The answer of the server, or why robots.txt forbids to ask for the page. Waits as long as robots.txt asks."""
        server = self._servers[server_of(str(url))]
        async with server.lock:
            if server.robots is None:
                server.robots = await self._read_robots(url)
            if isinstance(server.robots, Unreadable):
                return server.robots
            if not server.robots.can_fetch(str(url), USER_AGENT):
                return Unreadable("robots.txt of the server does not allow it")
            wait = server.next_at - self._seconds()
            if wait > 0:
                await self._sleep(wait)
            try:
                return await self._get(url, headers)
            finally:
                delay = min(server.robots.crawl_delay(USER_AGENT) or 0.0, MAX_CRAWL_DELAY)
                server.next_at = self._seconds() + delay

    async def _read_robots(self, url: httpx.URL) -> "Protego | Unreadable":
        """Read robots.txt as RFC 9309 says: without a robots.txt everything is allowed; if it cannot be read, nothing
        is."""
        from protego import Protego  # noqa: PLC0415

        exchange = await self._get(url.join("/robots.txt"), {})
        if exchange.not_allowed or exchange.status is None:
            return Unreadable(_problem(exchange))
        if 300 <= exchange.status < 500:
            return Protego.parse("")
        if exchange.status != 200 or not exchange.is_whole:
            return Unreadable(f"robots.txt of the server cannot be read (status {exchange.status})")
        return Protego.parse(exchange.body.decode(errors="replace"))

    async def _get(self, url: httpx.URL, headers: dict[str, str]) -> Exchange:
        if self._pool is None:
            raise RuntimeError("use `async with`")
        lines = {
            "host": url.netloc.decode("ascii"), "accept-encoding": "identity", "user-agent": USER_AGENT,
            **headers,
        }  # fmt: skip
        head = "".join(f"{name}: {_printable(value)}\r\n" for name, value in lines.items())
        request = f"GET {url.raw_path.decode('ascii')} HTTP/1.1\r\n{head}\r\n".encode("ascii", "replace")
        port = url.port or (443 if url.scheme == "https" else 80)
        key = PoolKey(self._tenant_id, url.scheme, url.raw_host.decode("ascii"), port)
        exchange = Exchange()
        await self._pool.send_request(key, request, exchange, within=FETCH_WITHIN)
        return exchange


def server_of(address: str) -> str:
    """The part of an address that identifies the server: scheme, host and port."""
    url = httpx.URL(address)
    return f"{url.scheme}://{url.netloc.decode('ascii')}"


def parse_url(text: str) -> httpx.URL | None:
    """The URL of a page without its fragment; None if it is no http or https URL, too long, or has a login."""
    try:
        url = httpx.URL(text).copy_with(fragment=None)
    except (httpx.InvalidURL, TypeError):
        return None
    if url.scheme not in {"http", "https"} or not url.host or url.userinfo or len(str(url).encode()) > MAX_URL_BYTES:
        return None
    return url


def _answer(exchange: Exchange, media_types: Mapping[str, str]) -> Answer:
    """Convert the server's answer into a result. Pure."""
    if exchange.status == 304:
        return Unchanged()
    if exchange.status in {404, 410}:
        return Vanished()
    if exchange.status != 200 or not exchange.is_whole:
        return Unreadable(_problem(exchange))
    if exchange.headers.get("content-encoding", "identity") != "identity":
        return Unreadable("the server compresses the page although we did not ask for it")
    media_type, _, parameters = exchange.headers.get("content-type", "text/html").partition(";")
    ending = media_types.get(media_type.strip().lower())
    if ending is None:
        return Unreadable(one_line(f"its media type is {media_type.strip()[:100]}, which cannot be read"))
    data = bytes(exchange.body)
    return Fetched(
        data=_transcoded(data, parameters) if ending in {".html", ".md", ".txt"} else data,
        ending=ending,
        etag=_short(exchange.headers.get("etag")),
        last_modified=_short(exchange.headers.get("last-modified")),
    )


def _problem(exchange: Exchange) -> str:
    if exchange.not_allowed:
        return one_line(exchange.not_allowed)
    if exchange.status is None:
        return one_line(exchange.problem or "no answer")
    if exchange.status == 200:
        return exchange.problem or f"has more than {MAX_BODY_BYTES:,} bytes"
    return f"the server answered {exchange.status}"


def _transcoded(data: bytes, parameters: str) -> bytes:
    """The page in UTF-8 if the server names another encoding that fits."""
    _, _, name = parameters.partition("charset=")
    try:
        return data.decode(name.strip().strip("\"'") or "utf-8").encode()
    except (LookupError, UnicodeError):
        return data


def _printable(value: str) -> str:
    return "".join(character for character in value if character.isprintable())


def _short(header: str | None) -> str | None:
    return header if header is not None and len(header) <= 512 else None
