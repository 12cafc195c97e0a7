"""One request through Composio's SDK: whether it was sent, and its answer, read up to a limit."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import timedelta
from http.cookiejar import CookieJar, DefaultCookiePolicy
from typing import Any

import httpx
from composio_client import APIConnectionError, APIStatusError, AsyncComposio

SendRequest = Callable[[AsyncComposio], Awaitable[object]]
"""Sends one request, with one method of the SDK's `with_raw_response`."""

_TAIL_BYTES = 4096


@dataclass(slots=True, kw_only=True)
class Exchange:
    """The state of one request and its answer."""

    within: timedelta
    keep_bytes: int
    """How many bytes of the answer to keep in `body`."""
    max_bytes: int
    """How many bytes of the answer to read; the connection is closed after that."""
    maybe_sent: bool = False
    """Whether the first byte of the request may have been sent."""
    status: int | None = None
    headers: httpx.Headers = field(default_factory=httpx.Headers)
    body: bytearray = field(default_factory=bytearray)
    tail: bytes = b""
    """The last bytes that were read."""
    received_bytes: int = 0
    is_complete: bool = False
    """Whether the answer was read to its end."""
    problem: str | None = None
    """Why the answer is missing or incomplete."""

    @property
    def is_readable(self) -> bool:
        """Whether `body` is the whole answer, uncompressed."""
        return self.is_complete and self.received_bytes == len(self.body) and self.is_uncompressed

    @property
    def is_uncompressed(self) -> bool:
        """Whether the answer is uncompressed, as requested; a compressed one is not unpacked."""
        return bool(self.headers.get("content-encoding", "identity") == "identity")

    async def on_trace_event(self, event: str, info: Mapping[str, Any]) -> None:
        """Set `maybe_sent` from httpcore's trace events. The CONNECT of a proxy tunnel carries nothing of the call."""
        if event.endswith("send_request_headers.started") and info["request"].method != b"CONNECT":
            self.maybe_sent = True

    async def read_answer(self, response: httpx.Response) -> None:
        """Read at most `max_bytes` of the answer."""
        self.status, self.headers = response.status_code, response.headers
        async for chunk in response.aiter_raw():
            self.received_bytes += len(chunk)
            self.body += chunk[: self.keep_bytes - len(self.body)]
            self.tail = (self.tail + chunk)[-_TAIL_BYTES:]
            if self.received_bytes > self.max_bytes:
                return
        self.is_complete = True


_current_exchange: ContextVar[Exchange] = ContextVar("_current_exchange")
"""The exchange of this task. A context variable, since the SDK cannot pass an argument on to the HTTP client."""


async def send_request(
    api: AsyncComposio, send: SendRequest, *, within: timedelta, keep_bytes: int, max_bytes: int
) -> Exchange:
    """Send one request and return its exchange, which holds the answer or the problem."""
    exchange = Exchange(within=within, keep_bytes=keep_bytes, max_bytes=max_bytes)
    token = _current_exchange.set(exchange)
    timed_out = f"no answer within {within.total_seconds():g} s"
    try:
        async with asyncio.timeout(within.total_seconds()):
            await send(api)
    except TimeoutError:
        exchange.problem = timed_out
    except APIStatusError:
        pass  # the exchange holds the answer
    except APIConnectionError as exc:
        cause = exc.__cause__
        could_not_connect = isinstance(cause, httpx.ConnectTimeout)
        exchange.problem = timed_out if could_not_connect else f"{type(cause).__name__}: {cause}".removesuffix(": ")
    finally:
        _current_exchange.reset(token)
    return exchange


class ExchangeClient(httpx.AsyncClient):
    """The SDK's HTTP client. It reads each answer into the current exchange; the SDK would read it without limit."""

    def __init__(self, *, concurrency: int) -> None:
        super().__init__(
            # No connection is used twice: httpx would read surplus bytes as the answer to the next call, which may be
            # another tenant's.
            limits=httpx.Limits(max_connections=concurrency, max_keepalive_connections=0),
            follow_redirects=False,
            # All tenants share this client: a cookie set for one must never be sent with the call of another.
            cookies=CookieJar(policy=DefaultCookiePolicy(allowed_domains=[])),
        )

    async def send(self, request: httpx.Request, **options: Any) -> httpx.Response:
        exchange = _current_exchange.get()
        # The deadline covers the whole exchange. Connecting has less time: its own timeout shows that nothing was sent.
        limits = httpx.Timeout(None, connect=0.9 * exchange.within.total_seconds())
        request.extensions |= {"trace": exchange.on_trace_event, "timeout": limits.as_dict()}
        all_headers = request.headers.copy()  # the SDK reads an `x-stainless-` header after the call
        for name in all_headers:
            if name.startswith("x-stainless-"):  # they describe our system, processor and Python
                del request.headers[name]
        response = await super().send(request, **options | {"stream": True})
        try:
            await exchange.read_answer(response)
        finally:
            await response.aclose()
        return httpx.Response(
            response.status_code, request=httpx.Request(request.method, request.url, headers=all_headers)
        )
