"""The HTTP client for one MCP server: its connections, and the redirects that it follows."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from types import SimpleNamespace
from typing import Any

import aiohttp
from yarl import URL

from services.tools.mcp.wire import Exchange

MAX_REDIRECTS = 5


class OriginClient:
    """Sends requests to one URL, and follows redirects within its origin only."""

    def __init__(self, url: str, session: aiohttp.ClientSession) -> None:
        self._url = URL(url)
        self._session = session

    @asynccontextmanager
    async def request(
        self, method: str, headers: Mapping[str, str], exchange: Exchange, body: bytes | None = None
    ) -> AsyncIterator[aiohttp.ClientResponse]:
        """Send one request. A redirect is followed only within the same origin and if it keeps the method."""
        url = self._url
        for _ in range(MAX_REDIRECTS):
            exchange.maybe_sent = False  # the server redirected the previous request, so that one had no effect
            response = await self._session.request(
                method, url, headers=headers, data=body, allow_redirects=False,
                trace_request_ctx=SimpleNamespace(exchange=exchange),
            )  # fmt: skip
            redirected = url.join(URL(response.headers.get("location", ""))) if response.status in {307, 308} else url
            if redirected == url or redirected.origin() != url.origin():
                break
            response.close()
            url = redirected
        try:
            yield response
        finally:
            response.close()  # does nothing if the whole body was read, because the connection is back in the pool then


@asynccontextmanager
async def open_client(url: str) -> AsyncIterator[OriginClient]:
    """A client with its own connections, one per concurrent request. It keeps no cookies and uses no proxy."""
    trace = aiohttp.TraceConfig()
    trace.on_connection_create_end.append(_mark_maybe_sent)
    trace.on_connection_reuseconn.append(_mark_maybe_sent)
    async with aiohttp.ClientSession(
        connector=_Connector(limit=0), cookie_jar=aiohttp.DummyCookieJar(),
        timeout=aiohttp.ClientTimeout(), auto_decompress=False, trust_env=False, trace_configs=[trace],
    ) as session:  # fmt: skip
        yield OriginClient(url, session)


class _Connector(aiohttp.TCPConnector):
    """Reuses no connection on which the server has sent unrequested bytes.

    aiohttp has no public hook to check a connection before it is reused. So its minor version is pinned, and
    tests/tools/test_mcp_statuses.py fails if aiohttp no longer calls this method.
    """

    async def _get(self, key: Any, traces: Any) -> Any:
        while (connection := await super()._get(key, traces)) is not None:
            if connection.protocol is not None and not connection.protocol.should_close:
                return connection
            connection.close()
        return None


async def _mark_maybe_sent(_: aiohttp.ClientSession, context: SimpleNamespace, __: Any) -> None:
    if context.trace_request_ctx is not None:
        context.trace_request_ctx.exchange.maybe_sent = True
