"""One request of Composio's SDK and how far it came: what left, what came back, and no more of it than we want."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import timedelta
from http.cookiejar import CookieJar, DefaultCookiePolicy
from typing import Any

import httpx
from composio_client import APIConnectionError, APIStatusError, AsyncComposio

Ask = Callable[[AsyncComposio], Awaitable[object]]
"""Makes one request, by one method of `with_raw_response`."""

_TAIL = 4096


@dataclass(slots=True, kw_only=True)
class Exchange:
    """How far one request came."""

    within: timedelta
    keep: int
    """Bytes of the answer to keep."""
    hear: int
    """Bytes of it after which to hang up."""
    left: bool = False
    """Whether the request's first byte may have left."""
    status: int | None = None
    headers: httpx.Headers = field(default_factory=httpx.Headers)
    body: bytearray = field(default_factory=bytearray)
    tail: bytes = b""
    """The last bytes heard."""
    heard: int = 0
    ended: bool = False
    """Whether the answer was heard to its end."""
    problem: str | None = None

    @property
    def readable(self) -> bool:
        """Whether `body` is all of the answer, as it was meant."""
        return self.ended and self.heard == len(self.body) and self.plain

    @property
    def plain(self) -> bool:
        """Whether it came as we asked for it; what came packed is not unpacked."""
        return bool(self.headers.get("content-encoding", "identity") == "identity")

    async def watch(self, event: str, info: Mapping[str, Any]) -> None:
        """Follow httpcore's progress. The CONNECT that opens a proxy tunnel carries nothing of ours."""
        if event.endswith("send_request_headers.started") and info["request"].method != b"CONNECT":
            self.left = True

    async def hear_out(self, response: httpx.Response) -> None:
        self.status, self.headers = response.status_code, response.headers
        async for chunk in response.aiter_raw():
            self.heard += len(chunk)
            self.body += chunk[: self.keep - len(self.body)]
            self.tail = (self.tail + chunk)[-_TAIL:]
            if self.heard > self.hear:
                return
        self.ended = True


_under_way: ContextVar[Exchange] = ContextVar("_under_way")
"""The exchange of this task: the SDK passes nothing of ours on to the client that it sends with."""


async def exchanged(api: AsyncComposio, ask: Ask, *, within: timedelta, keep: int, hear: int) -> Exchange:
    """Make the one request. Its answer, or what came instead, is in the exchange and nowhere else."""
    exchange = Exchange(within=within, keep=keep, hear=hear)
    token = _under_way.set(exchange)
    silence = f"no answer within {within.total_seconds():g} s"
    try:
        async with asyncio.timeout(within.total_seconds()):
            await ask(api)
    except TimeoutError:
        exchange.problem = silence
    except APIStatusError:
        pass  # the exchange has it all
    except APIConnectionError as exc:
        cause = exc.__cause__
        late = isinstance(cause, httpx.ConnectTimeout)
        exchange.problem = silence if late else f"{type(cause).__name__}: {cause}".removesuffix(": ")
    finally:
        _under_way.reset(token)
    return exchange


class Reader(httpx.AsyncClient):
    """Sends for the SDK, and reads each answer into the exchange under way: the SDK would read it to its end."""

    def __init__(self, *, concurrency: int) -> None:
        super().__init__(
            # No connection is used twice: on one that is, httpx takes what came too much for the next answer, and the
            # next call may be another tenant's.
            limits=httpx.Limits(max_connections=concurrency, max_keepalive_connections=0),
            follow_redirects=False,
            # One client serves every tenant: a cookie set for one must never travel with the call of another.
            cookies=CookieJar(policy=DefaultCookiePolicy(allowed_domains=[])),
        )

    async def send(self, request: httpx.Request, **how: Any) -> httpx.Response:
        exchange = _under_way.get()
        # As in services.tools.http.provider: one deadline covers all, and connecting gives up shortly before it.
        limits = httpx.Timeout(None, connect=0.9 * exchange.within.total_seconds())
        request.extensions |= {"trace": exchange.watch, "timeout": limits.as_dict()}
        marked = request.headers.copy()  # the SDK looks for a mark of its own in them afterwards
        for name in marked:
            if name.startswith("x-stainless-"):  # our system, processor and Python are nobody's business
                del request.headers[name]
        response = await super().send(request, **how | {"stream": True})
        try:
            await exchange.hear_out(response)
        finally:
            await response.aclose()
        return httpx.Response(response.status_code, request=httpx.Request(request.method, request.url, headers=marked))
