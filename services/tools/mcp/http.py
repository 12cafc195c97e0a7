"""An MCP server over streamable HTTP: one POST per message, answered by JSON or by a stream of events.

The SDK's transport is not used: it takes 3 ms of CPU time per call at 200 concurrent calls, one failed request ends the
session for all calls, and it hides the HTTP status, which alone shows whether a call was refused before it had effect.
"""

import asyncio
import math
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
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

from services.clock import utc_now
from services.tools.http.provider import parse_retry_after
from services.tools.long_answers import LongAnswers
from services.tools.mcp import wire as mcp_wire
from services.tools.mcp.client import OriginClient, open_client
from services.tools.mcp.events import AnswerTooLong, StreamPosition, read_body, read_events
from services.tools.mcp.wire import (
    Exchange,
    cancel_message,
    new_call_id,
    parse_messages,
    reply_to,
    request_message,
    session_message,
)
from services.untrusted import json_body

NOTIFY_TIMEOUT = 2.0
"""Seconds to send a notification or a reply, or to end a session."""
STREAM_END_TIMEOUT = 0.01
"""Seconds to wait, after the answer, for the end of its stream, so that the connection can be used again."""
MAX_OPEN_REPLIES = 10
"""Replies to requests of the server that may be in progress at once, since each takes a connection. Further requests
get no reply."""

_SESSION_HEADER = "mcp-session-id"
_LAST_EVENT_HEADER = "last-event-id"
_EVENT_STREAM = "text/event-stream"
_MAX_ERROR_BYTES = 64 * 1024


class Endpoint:
    """The connection to one server for one session."""

    def __init__(self, client: OriginClient, headers: Mapping[str, str]) -> None:
        self.version = ""
        self.received_messages = 0
        self.open_calls = 0
        self.ended = anyio.Event()
        self.last_failure = Exchange()
        """The last exchange of the SDK's session that failed."""
        self.tasks: anyio.abc.TaskGroup
        self._client = client
        configured = {name.lower(): value for name, value in headers.items()}
        self._headers = {
            "accept-encoding": "identity", "user-agent": mcp_wire.CLIENT.name, **configured,
            "content-type": "application/json", "accept": f"application/json, {_EVENT_STREAM}",
        }  # fmt: skip
        self._session_id = ""
        self._version_header = ""
        self._open_replies = 0
        self._long_answers = LongAnswers()
        self._session_requests: dict[int | str, anyio.CancelScope] = {}
        """Open requests of the SDK's session by id; cancel the scope to give one up."""
        self._to_session, self.incoming = anyio.create_memory_object_stream[SessionMessage | Exception](math.inf)

    @property
    def is_open(self) -> bool:
        """Whether a call can be sent now."""
        return not self.ended.is_set()

    # -- calls ----------------------------------------------------------------------------------------------------

    async def call(self, params: Mapping[str, Any], exchange: Exchange, *, schema: Mapping[str, Any]) -> None:
        """See `services.tools.mcp.wire.Transport`."""
        request_id = new_call_id()
        headers = {MCP_PROTOCOL_VERSION_HEADER: self.version}
        if self.version in MODERN_PROTOCOL_VERSIONS:
            headers |= {MCP_METHOD_HEADER: "tools/call", MCP_NAME_HEADER: encode_header_value(params["name"])}
            if find_invalid_x_mcp_header(schema) is None:
                headers |= mcp_param_headers(x_mcp_header_map(schema), params["arguments"])
        self.open_calls += 1
        try:
            await self._post(
                request_id, request_message(request_id, "tools/call", params, self.version), headers, exchange
            )
        except asyncio.CancelledError:
            # As of protocol 2026 closing the connection cancels the call.
            if exchange.maybe_sent and self.version not in MODERN_PROTOCOL_VERSIONS and not self.ended.is_set():
                self.tasks.start_soon(self._send_notification, cancel_message(request_id))
            raise
        finally:
            self.open_calls -= 1
        exchange.session_lost = exchange.status == 404 and bool(self._session_id)

    async def ping_session(self) -> bool:
        """Ping the server with our session id. False when it answers that it does not know the session.

        Needed after a 400, which some servers send where the protocol says 404 and others for invalid requests, and
        after a 404 with an error in it, which may be the error of a tool.
        """
        if not self._session_id:
            return True
        request_id, exchange = new_call_id(), Exchange()
        headers = {MCP_PROTOCOL_VERSION_HEADER: self.version}
        await self._post(request_id, request_message(request_id, "ping", {}, self.version), headers, exchange)
        return exchange.status not in {400, 404}

    # -- the stream that the SDK's session writes to ----------------------------------------------------------------

    async def send(self, message: SessionMessage) -> None:
        """Send a message of the session. Requests run concurrently; notifications are sent one after the other."""
        if self.ended.is_set():
            raise anyio.BrokenResourceError
        body = message.message.model_dump(by_alias=True, mode="json", exclude_unset=True)
        headers = self._headers_for(message)
        if isinstance(message.message, JSONRPCRequest):
            self.tasks.start_soon(self._send_session_request, message.message, body, headers)
            return
        method = body.get("method")
        if method == "notifications/cancelled" and (
            scope := self._session_requests.get(body["params"].get("requestId"))
        ):
            scope.cancel()
            if self._version_header in MODERN_PROTOCOL_VERSIONS:
                return
        await self._post(None, body, headers, Exchange())
        if method == "notifications/initialized":
            self.tasks.start_soon(self._receive_notifications)

    async def aclose(self) -> None:
        """Does nothing: `connect` ends the session."""

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.aclose()

    def _headers_for(self, message: SessionMessage) -> dict[str, str]:
        """The headers of a session's message. Its protocol version also applies to later messages that name none."""
        if isinstance(message.message, JSONRPCRequest) and message.message.method == "initialize":
            self._version_header = ""
        headers: dict[str, str] = {}
        if isinstance(message.metadata, ClientMessageMetadata):
            headers = dict(message.metadata.headers or {})
            self._version_header = headers.get(MCP_PROTOCOL_VERSION_HEADER, self._version_header)
        if self._version_header:
            headers.setdefault(MCP_PROTOCOL_VERSION_HEADER, self._version_header)
        return headers

    async def _send_session_request(
        self, message: JSONRPCRequest, body: Mapping[str, Any], headers: Mapping[str, str]
    ) -> None:
        exchange = Exchange()
        scope = self._session_requests[message.id] = anyio.CancelScope()
        with scope:
            await self._post(message.id, body, headers, exchange)
        del self._session_requests[message.id]
        answer = exchange.answer
        if answer is None or (exchange.status or 0) >= 300:
            self.last_failure = exchange
        if answer is None:
            code = (
                METHOD_NOT_FOUND if exchange.status == 404 else INTERNAL_ERROR if exchange.status else CONNECTION_CLOSED
            )
            error = ErrorData(code=code, message=exchange.problem)
            self._pass_to_session(SessionMessage(JSONRPCError(jsonrpc="2.0", id=message.id, error=error)))
        elif (for_session := session_message(answer)) is not None:
            self._pass_to_session(for_session)

    def _pass_to_session(self, message: SessionMessage) -> None:
        with suppress(anyio.BrokenResourceError, anyio.ClosedResourceError):
            self._to_session.send_nowait(message)

    async def _send_notification(self, message: Mapping[str, Any]) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(NOTIFY_TIMEOUT):
                await self._post(None, message, {MCP_PROTOCOL_VERSION_HEADER: self.version}, Exchange())

    async def _send_reply(self, reply: Mapping[str, Any]) -> None:
        try:
            await self._send_notification(reply)
        finally:
            self._open_replies -= 1

    # -- HTTP -----------------------------------------------------------------------------------------------------

    async def _post(
        self, request_id: int | str | None, message: Mapping[str, Any], headers: Mapping[str, str], exchange: Exchange
    ) -> None:
        """Send a message and write the answer to `request_id` into `exchange`. Raises nothing but CancelledError."""
        body = json_body(message)
        headers = {**self._headers, **headers}
        if self._session_id and message.get("method") != "initialize":
            headers[_SESSION_HEADER] = self._session_id
        try:
            async with self._client.request("POST", headers, exchange, body) as response:
                await self._read_answer(request_id, response, exchange)
                if message.get("method") == "initialize" and exchange.answer is not None:
                    self._session_id = response.headers.get(_SESSION_HEADER, "")
        except AnswerTooLong:
            exchange.problem = "answered with more than 4 MiB"
        except aiohttp.ClientConnectorError:
            exchange.problem = "ConnectError"
        except (aiohttp.ClientError, OSError, ValueError) as exc:  # ends this request only, not the session
            exchange.problem = type(exc).__name__

    async def _read_answer(
        self, request_id: int | str | None, response: aiohttp.ClientResponse, exchange: Exchange
    ) -> None:
        exchange.status = response.status
        exchange.retry_after = parse_retry_after(response.headers.get("retry-after"), utc_now())
        content_type = response.headers.get("content-type", "").partition(";")[0].strip().lower()
        if response.headers.get("content-encoding", "identity") != "identity":
            exchange.problem = "answered with a compressed body, which was not requested"
        elif response.status >= 300:
            exchange.problem = f"answered {response.status}"
            if content_type == "application/json":
                body = await read_body(response, _MAX_ERROR_BYTES)
                await self._find_answer(request_id, body, exchange, anonymous=True)
        elif request_id is None:
            await read_body(response, _MAX_ERROR_BYTES)
        elif content_type == "application/json":
            exchange.problem = "gave an unreadable answer"
            await self._find_answer(request_id, await read_body(response, mcp_wire.MAX_MESSAGE_BYTES), exchange)
        elif content_type == _EVENT_STREAM:
            await self._read_stream(request_id, response, exchange)
        else:
            exchange.problem = f"answered {response.status} without an answer to the call"

    async def _find_answer(
        self, request_id: int | str | None, body: bytes | None, exchange: Exchange, *, anonymous: bool = False
    ) -> bool:
        """Look for the answer to `request_id` in `body`, and handle the other messages. True if it was found.

        With `anonymous` an answer without an id counts, too.
        """
        await self._long_answers.wait_for_turn(len(body or b""))
        for message in (body and parse_messages(body)) or ():
            self.received_messages += 1
            is_answer = isinstance(message, dict) and "method" not in message and message.keys() & {"result", "error"}
            if (
                is_answer
                and request_id is not None
                and (_same_id(id_ := message.get("id"), request_id) or (anonymous and id_ is None))
            ):
                exchange.answer = {**message, "id": request_id}
                return True
            if is_answer:
                exchange.problem = "answered with the id of another request"
            elif (reply := reply_to(message)) is not None:
                if self._open_replies < MAX_OPEN_REPLIES:
                    self._open_replies += 1
                    self.tasks.start_soon(self._send_reply, reply)
            elif self._to_session.statistics().current_buffer_used >= mcp_wire.MAX_QUEUED_MESSAGES:
                pass
            elif (for_session := session_message(message)) is not None:
                self._pass_to_session(for_session)
        return False

    async def _read_stream(
        self, request_id: int | str | None, response: aiohttp.ClientResponse, exchange: Exchange
    ) -> None:
        """Read events until the answer comes. A stream that ends before it is resumed if the server sent event ids."""
        exchange.problem = "ended its event stream without an answer"
        position = StreamPosition()
        with suppress(aiohttp.ClientError, OSError):  # a broken stream may be resumed as well
            if await self._read_until_answer(request_id, response, exchange, position):
                return
        while position.last_id is not None:
            await asyncio.sleep(position.retry_after)
            headers = self._stream_headers(self.version, position)
            async with self._client.request("GET", headers, Exchange()) as resumed:
                if resumed.status != 200 or await self._read_until_answer(request_id, resumed, exchange, position):
                    return

    async def _read_until_answer(
        self,
        request_id: int | str | None,
        response: aiohttp.ClientResponse,
        exchange: Exchange,
        position: StreamPosition,
    ) -> bool:
        async for data in read_events(response, position):
            if await self._find_answer(request_id, data, exchange):
                with suppress(TimeoutError, aiohttp.ClientError):
                    async with asyncio.timeout(STREAM_END_TIMEOUT):
                        await response.content.readany()
                return True
        return False

    async def _receive_notifications(self) -> None:
        """Receive notifications of the server until it refuses."""
        position = StreamPosition()
        while self._session_id:
            headers = self._stream_headers(self._version_header, position)
            try:
                async with self._client.request("GET", headers, Exchange()) as response:
                    if response.status != 200 or not response.headers.get("content-type", "").startswith(_EVENT_STREAM):
                        return
                    await self._read_until_answer(None, response, Exchange(), position)
            except (aiohttp.ClientConnectorError, ValueError, AnswerTooLong):
                return
            except (aiohttp.ClientError, OSError):
                pass
            await asyncio.sleep(position.retry_after)

    def _stream_headers(self, version: str, position: StreamPosition) -> dict[str, str]:
        """The headers of a request for a stream of events, which goes on after `position`."""
        headers = self._headers | {"accept": _EVENT_STREAM, MCP_PROTOCOL_VERSION_HEADER: version}
        if self._session_id:
            headers[_SESSION_HEADER] = self._session_id
        if position.last_id is not None:
            headers[_LAST_EVENT_HEADER] = position.last_id
        return headers

    def close(self) -> None:
        """Close the stream that the session reads from."""
        self._to_session.close()
        self.incoming.close()

    async def end_session(self) -> None:
        """Tell the server that the session is over."""
        if self._session_id and self._version_header not in MODERN_PROTOCOL_VERSIONS:
            headers = self._headers | {_SESSION_HEADER: self._session_id, MCP_PROTOCOL_VERSION_HEADER: self.version}
            with suppress(TimeoutError, aiohttp.ClientError, OSError):
                async with asyncio.timeout(NOTIFY_TIMEOUT), self._client.request("DELETE", headers, Exchange()):
                    pass


def _same_id(one: Any, other: int | str | None) -> bool:
    """Whether both ids are equal, also in type: the id 1 is neither True nor 1.0."""
    return type(one) is type(other) and bool(one == other)


@asynccontextmanager
async def connect(url: str, headers: Mapping[str, str]) -> AsyncIterator[Endpoint]:
    """Open an endpoint with its own connections, one per concurrent call; end its session at the end."""
    async with open_client(url) as client, anyio.create_task_group() as tasks:
        endpoint = Endpoint(client, headers)
        endpoint.tasks = tasks
        try:
            yield endpoint
        finally:
            endpoint.ended.set()
            with anyio.CancelScope(shield=True):
                await endpoint.end_session()
            tasks.cancel_scope.cancel()
            endpoint.close()
