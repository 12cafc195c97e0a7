"""An MCP server over streamable HTTP: one POST a message, answered by JSON or by a stream of events.

Not the SDK's transport: its client takes 3 ms of processor time per call at 200 at once, one request that fails ends
the session of all, and the status that a call was answered with is lost, though it alone shows whether a call left.
"""

import asyncio
import math
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from types import SimpleNamespace
from typing import Any, Self

import aiohttp
import anyio
import anyio.abc
from mcp.shared.inbound import (
    MCP_METHOD_HEADER,
    MCP_NAME_HEADER,
    MCP_PROTOCOL_VERSION_HEADER,
    encode_header_value,
    find_invalid_x_mcp_header,
    mcp_param_headers,
    x_mcp_header_map,
)
from mcp.shared.message import ClientMessageMetadata, SessionMessage
from mcp.types import CONNECTION_CLOSED, INTERNAL_ERROR, METHOD_NOT_FOUND, ErrorData, JSONRPCError, JSONRPCRequest
from mcp.types.version import MODERN_PROTOCOL_VERSIONS
from yarl import URL

from services.clock import utc_now
from services.tools.http.provider import parse_retry_after
from services.tools.mcp import wire as mcp_wire
from services.tools.mcp.events import Seen, TooLong, read_body, read_events
from services.tools.mcp.wire import Exchange, cancelled, for_session, messages_in, new_key, refusal_of, request
from services.untrusted import json_body

ENDS_WITHIN = 2.0
"""Seconds for a farewell, which nobody waits for."""
STREAM_ENDS_WITHIN = 0.01
"""Seconds, after its last event."""
REDIRECTS_AT_MOST = 5
REFUSALS_AT_MOST = 10
"""Under way at once, to a server that asks for something: each takes a connection. What more it asks gets no answer."""

_SESSION = "mcp-session-id"
_LAST_EVENT = "last-event-id"
_EVENTS = "text/event-stream"
_ERROR_BYTES = 64 * 1024


class Endpoint:
    """The way to one server, for one session."""

    def __init__(self, url: str, headers: Mapping[str, str], client: aiohttp.ClientSession) -> None:
        self.version = ""
        self.heard = 0
        self.under_way = 0
        self.ended = anyio.Event()
        self.refused = Exchange()
        """What the last refused message of the session's own came to."""
        self.tasks: anyio.abc.TaskGroup
        self._url = URL(url)
        self._client = client
        own = {name.lower(): value for name, value in headers.items()}
        self._headers = {
            "accept-encoding": "identity", "user-agent": mcp_wire.CLIENT.name, **own,
            "content-type": "application/json", "accept": f"application/json, {_EVENTS}",
        }  # fmt: skip
        self._session = ""
        self._version_header = ""
        self._refusals = 0
        """Under way."""
        self._requests: dict[int | str, anyio.CancelScope] = {}
        """The session's own that are under way."""
        self._to_session, self.incoming = anyio.create_memory_object_stream[SessionMessage | Exception](math.inf)

    @property
    def is_open(self) -> bool:
        """Whether a call could leave now."""
        return not self.ended.is_set()

    # -- calls ----------------------------------------------------------------------------------------------------

    async def call(self, params: Mapping[str, Any], exchange: Exchange, *, schema: Mapping[str, Any]) -> None:
        """See `services.tools.mcp.wire.Wire`."""
        key = new_key()
        headers = {MCP_PROTOCOL_VERSION_HEADER: self.version}
        if self.version in MODERN_PROTOCOL_VERSIONS:
            headers |= {MCP_METHOD_HEADER: "tools/call", MCP_NAME_HEADER: encode_header_value(params["name"])}
            if find_invalid_x_mcp_header(schema) is None:
                headers |= mcp_param_headers(x_mcp_header_map(schema), params["arguments"])
        self.under_way += 1
        try:
            await self._post(key, request(key, "tools/call", params, self.version), headers, exchange)
        except asyncio.CancelledError:
            # As of 2026 hanging up says it.
            if exchange.left and self.version not in MODERN_PROTOCOL_VERSIONS and not self.ended.is_set():
                self.tasks.start_soon(self._tell, cancelled(key))
            raise
        finally:
            self.under_way -= 1
        exchange.lost_session = exchange.status == 404 and bool(self._session)

    async def knows_us(self) -> bool:
        """Asked after a 400: some servers answer so where the protocol says 404, and others to what is wrong. Asked
        after a 404 with an error in it, too: a tool's own error may come with that status."""
        if not self._session:
            return True
        key, exchange = new_key(), Exchange()
        headers = {MCP_PROTOCOL_VERSION_HEADER: self.version}
        await self._post(key, request(key, "ping", {}, self.version), headers, exchange)
        return exchange.status not in {400, 404}

    # -- the session, which writes here as to a stream --------------------------------------------------------------

    async def send(self, message: SessionMessage) -> None:
        """Requests are answered when they are; notes are sent in the order in which they come."""
        if self.ended.is_set():
            raise anyio.BrokenResourceError
        body = message.message.model_dump(by_alias=True, mode="json", exclude_unset=True)
        headers = self._stamped(message)
        if isinstance(message.message, JSONRPCRequest):
            self.tasks.start_soon(self._request, message.message, body, headers)
            return
        method = body.get("method")
        if method == "notifications/cancelled" and (scope := self._requests.get(body["params"].get("requestId"))):
            scope.cancel()
            if self._version_header in MODERN_PROTOCOL_VERSIONS:
                return
        await self._post(None, body, headers, Exchange())
        if method == "notifications/initialized":
            self.tasks.start_soon(self._listen)

    async def aclose(self) -> None:
        """The session is over."""

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.aclose()

    def _stamped(self, message: SessionMessage) -> dict[str, str]:
        """Its headers; what the session says of the version holds until it says another."""
        if isinstance(message.message, JSONRPCRequest) and message.message.method == "initialize":
            self._version_header = ""
        headers: dict[str, str] = {}
        if isinstance(message.metadata, ClientMessageMetadata):
            headers = dict(message.metadata.headers or {})
            self._version_header = headers.get(MCP_PROTOCOL_VERSION_HEADER, self._version_header)
        if self._version_header:
            headers.setdefault(MCP_PROTOCOL_VERSION_HEADER, self._version_header)
        return headers

    async def _request(self, message: JSONRPCRequest, body: Mapping[str, Any], headers: Mapping[str, str]) -> None:
        exchange = Exchange()
        scope = self._requests[message.id] = anyio.CancelScope()
        with scope:
            await self._post(message.id, body, headers, exchange)
        del self._requests[message.id]
        answer = exchange.answer
        if answer is None or (exchange.status or 0) >= 300:
            self.refused = exchange
        if answer is None:
            code = (
                METHOD_NOT_FOUND if exchange.status == 404 else INTERNAL_ERROR if exchange.status else CONNECTION_CLOSED
            )
            error = ErrorData(code=code, message=exchange.problem)
            self._tell_session(SessionMessage(JSONRPCError(jsonrpc="2.0", id=message.id, error=error)))
        elif (told := for_session(answer)) is not None:
            self._tell_session(told)

    def _tell_session(self, message: SessionMessage) -> None:
        with suppress(anyio.BrokenResourceError, anyio.ClosedResourceError):
            self._to_session.send_nowait(message)

    async def _tell(self, message: Mapping[str, Any]) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(ENDS_WITHIN):
                await self._post(None, message, {MCP_PROTOCOL_VERSION_HEADER: self.version}, Exchange())

    async def _refuse(self, refusal: Mapping[str, Any]) -> None:
        try:
            await self._tell(refusal)
        finally:
            self._refusals -= 1

    # -- HTTP -----------------------------------------------------------------------------------------------------

    async def _post(
        self, key: int | str | None, message: Mapping[str, Any], headers: Mapping[str, str], exchange: Exchange
    ) -> None:
        """Send it, and wait for the answer to `key`, if there is one. Raises nothing but CancelledError."""
        body = json_body(message)
        headers = {**self._headers, **headers}
        if self._session and message.get("method") != "initialize":
            headers[_SESSION] = self._session
        try:
            async with self._within_origin("POST", headers, exchange, body) as response:
                await self._read(key, response, exchange)
                if message.get("method") == "initialize" and exchange.answer is not None:
                    self._session = response.headers.get(_SESSION, "")
        except TooLong:
            exchange.problem = "answered with more than 16 MiB"
        except aiohttp.ClientConnectorError:
            exchange.problem = "ConnectError"
        except (aiohttp.ClientError, OSError, ValueError) as exc:  # each its own; the session of all others goes on
            exchange.problem = type(exc).__name__

    @asynccontextmanager
    async def _within_origin(
        self, method: str, headers: Mapping[str, str], exchange: Exchange, body: bytes | None = None
    ) -> AsyncIterator[aiohttp.ClientResponse]:
        """One request; a redirect is followed within the same origin, if it keeps the method."""
        url = self._url
        for _ in range(REDIRECTS_AT_MOST):
            exchange.left = False  # what was redirected was not done
            response = await self._client.request(
                method, url, headers=headers, data=body, allow_redirects=False,
                trace_request_ctx=SimpleNamespace(exchange=exchange),
            )  # fmt: skip
            onward = url.join(URL(response.headers.get("location", ""))) if response.status in {307, 308} else url
            if onward == url or onward.origin() != url.origin():
                break
            response.close()
            url = onward
        try:
            yield response
        finally:
            response.close()  # unless all of it was read, which gave the connection back

    async def _read(self, key: int | str | None, response: aiohttp.ClientResponse, exchange: Exchange) -> None:
        exchange.status = response.status
        exchange.retry_after = parse_retry_after(response.headers.get("retry-after"), utc_now())
        kind = response.headers.get("content-type", "").partition(";")[0].strip().lower()
        if response.headers.get("content-encoding", "identity") != "identity":
            exchange.problem = "answered packed, though it was asked for plain bytes"
        elif response.status >= 300:
            exchange.problem = f"answered {response.status}"
            if kind == "application/json":
                self._match(key, await read_body(response, _ERROR_BYTES), exchange, anonymous=True)
        elif key is None:
            await read_body(response, _ERROR_BYTES)
        elif kind == "application/json":
            exchange.problem = "gave an unreadable answer"
            self._match(key, await read_body(response, mcp_wire.MOST_BYTES), exchange)
        elif kind == _EVENTS:
            await self._follow(key, response, exchange)
        else:
            exchange.problem = f"answered {response.status} without an answer to the call"

    def _match(self, key: int | str | None, body: bytes | None, exchange: Exchange, *, anonymous: bool = False) -> bool:
        """Whether the answer to this very request is in there; the rest is heard."""
        for message in (body and messages_in(body)) or ():
            self.heard += 1
            is_answer = isinstance(message, dict) and "method" not in message and message.keys() & {"result", "error"}
            if is_answer and key is not None and (_same(id_ := message.get("id"), key) or (anonymous and id_ is None)):
                exchange.answer = {**message, "id": key}
                return True
            if is_answer:
                exchange.problem = "answered another request than the one it got"
            elif (refusal := refusal_of(message)) is not None:
                if self._refusals < REFUSALS_AT_MOST:
                    self._refusals += 1
                    self.tasks.start_soon(self._refuse, refusal)
            elif self._to_session.statistics().current_buffer_used >= mcp_wire.WAITING_AT_MOST:
                pass
            elif (told := for_session(message)) is not None:
                self._tell_session(told)
        return False

    async def _follow(self, key: int | str | None, response: aiohttp.ClientResponse, exchange: Exchange) -> None:
        """Events until the answer; where the stream ends before it and can be taken up again, the rest of it."""
        exchange.problem = "ended its events without an answer"
        seen = Seen()
        with suppress(aiohttp.ClientError, OSError):  # a stream that breaks may be taken up again as well
            if await self._heard_in(key, response, exchange, seen):
                return
        while seen.last_id is not None:
            last, wait = seen.last_id, seen.retry_after
            await asyncio.sleep(wait)
            headers = self._headers | {"accept": _EVENTS, _LAST_EVENT: last, MCP_PROTOCOL_VERSION_HEADER: self.version}
            if self._session:
                headers[_SESSION] = self._session
            async with self._within_origin("GET", headers, Exchange()) as again:
                if again.status != 200 or await self._heard_in(key, again, exchange, seen):
                    return

    async def _heard_in(
        self, key: int | str | None, response: aiohttp.ClientResponse, exchange: Exchange, seen: Seen
    ) -> bool:
        async for data in read_events(response, seen):
            if self._match(key, data, exchange):
                with suppress(
                    TimeoutError, aiohttp.ClientError
                ):  # a connection is good again once its stream has ended
                    async with asyncio.timeout(STREAM_ENDS_WITHIN):
                        await response.content.readany()
                return True
        return False

    async def _listen(self) -> None:
        """Hear what the server says unasked, for as long as it lets us."""
        seen = Seen()
        while self._session:
            headers = self._headers | {
                "accept": _EVENTS, MCP_PROTOCOL_VERSION_HEADER: self._version_header, _SESSION: self._session,
            }  # fmt: skip
            if seen.last_id is not None:
                headers[_LAST_EVENT] = seen.last_id
            try:
                async with self._within_origin("GET", headers, Exchange()) as response:
                    if response.status != 200 or not response.headers.get("content-type", "").startswith(_EVENTS):
                        return
                    await self._heard_in(None, response, Exchange(), seen)
            except (aiohttp.ClientConnectorError, ValueError, TooLong):
                return
            except (aiohttp.ClientError, OSError):
                pass
            await asyncio.sleep(seen.retry_after)

    def close(self) -> None:
        """Let go of what the session reads from."""
        self._to_session.close()
        self.incoming.close()

    async def leave(self) -> None:
        """Tell the server that the session is over."""
        if self._session and self._version_header not in MODERN_PROTOCOL_VERSIONS:
            headers = self._headers | {_SESSION: self._session, MCP_PROTOCOL_VERSION_HEADER: self.version}
            with suppress(TimeoutError, aiohttp.ClientError, OSError):
                async with asyncio.timeout(ENDS_WITHIN), self._within_origin("DELETE", headers, Exchange()):
                    pass


def _same(one: Any, other: int | str | None) -> bool:
    """1 is neither True nor 1.0."""
    return type(one) is type(other) and bool(one == other)


class _Connector(aiohttp.TCPConnector):
    """Reuses no connection on which something came that nobody asked for.

    aiohttp has no public place to look at a connection before it is used again. So its minor version is held, and
    tests/tools/test_mcp_statuses.py fails where this method is called no more.
    """

    async def _get(self, key: Any, traces: Any) -> Any:
        while (connection := await super()._get(key, traces)) is not None:
            if connection.protocol is not None and not connection.protocol.should_close:
                return connection
            connection.close()
        return None


async def _may_leave(_: aiohttp.ClientSession, context: SimpleNamespace, __: Any) -> None:
    if context.trace_request_ctx is not None:
        context.trace_request_ctx.exchange.left = True


@asynccontextmanager
async def connected(url: str, headers: Mapping[str, str]) -> AsyncIterator[Endpoint]:
    """The endpoint. Connections are its own; there are as many as there are calls under way."""
    trace = aiohttp.TraceConfig()
    trace.on_connection_create_end.append(_may_leave)
    trace.on_connection_reuseconn.append(_may_leave)
    async with (
        aiohttp.ClientSession(
            connector=_Connector(limit=0), cookie_jar=aiohttp.DummyCookieJar(),
            timeout=aiohttp.ClientTimeout(), auto_decompress=False, trust_env=False, trace_configs=[trace],
        ) as client,
        anyio.create_task_group() as tasks,
    ):  # fmt: skip
        endpoint = Endpoint(url, headers, client)
        endpoint.tasks = tasks
        try:
            yield endpoint
        finally:
            endpoint.ended.set()
            with anyio.CancelScope(shield=True):
                await endpoint.leave()
            tasks.cancel_scope.cancel()
            endpoint.close()
