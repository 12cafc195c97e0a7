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

from services.tools.mcp import wire as mcp_wire
from services.tools.mcp.client import OriginClient, open_client
from services.tools.mcp.http_messages import HttpMessages
from services.tools.mcp.wire import (
    Exchange,
    cancel_message,
    new_call_id,
    reply_to,
    request_message,
    session_message,
)

NOTIFY_TIMEOUT = 2.0
"""Seconds to send a notification or a reply, or to end a session."""
MAX_OPEN_REPLIES = 10
"""Replies to requests of the server that may be in progress at the same time, since each takes a connection. Further
requests get no reply."""


class Endpoint:
    """One session with one server, over HTTP."""

    def __init__(self, client: OriginClient, headers: Mapping[str, str]) -> None:
        self.open_calls = 0
        self.ended = anyio.Event()
        self.last_failure = Exchange()
        """The last exchange of the SDK's session that failed."""
        self.tasks: anyio.abc.TaskGroup
        self._messages = HttpMessages(client, headers, self._handle_message)
        self._version_header = ""
        self._open_replies = 0
        self._session_requests: dict[int | str, anyio.CancelScope] = {}
        """Open requests of the SDK's session by id; cancel the scope to give one up."""
        self._to_session, self.incoming = anyio.create_memory_object_stream[SessionMessage | Exception](math.inf)

    @property
    def version(self) -> str:
        """The protocol version that the session agreed on; empty before."""
        return self._messages.version

    @version.setter
    def version(self, version: str) -> None:
        self._messages.version = version

    @property
    def received_messages(self) -> int:
        """How many messages the server has sent."""
        return self._messages.received_messages

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
            await self._messages.post(
                request_id, request_message(request_id, "tools/call", params, self.version), headers, exchange
            )
        except asyncio.CancelledError:
            # As of protocol 2026 closing the connection cancels the call.
            if exchange.maybe_sent and self.version not in MODERN_PROTOCOL_VERSIONS and not self.ended.is_set():
                self.tasks.start_soon(self._send_notification, cancel_message(request_id))
            raise
        finally:
            self.open_calls -= 1
        exchange.session_lost = exchange.status == 404 and bool(self._messages.session_id)

    async def ping_session(self) -> bool:
        """Ping the server with our session id. False when it answers that it does not know the session.

        Needed after a 400: some servers send it for an unknown session, for which the protocol says 404, and others for
        invalid requests. Needed also after a 404 with an error in its body, which may be the error of a tool.
        """
        if not self._messages.session_id:
            return True
        request_id, exchange = new_call_id(), Exchange()
        headers = {MCP_PROTOCOL_VERSION_HEADER: self.version}
        await self._messages.post(request_id, request_message(request_id, "ping", {}, self.version), headers, exchange)
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
        await self._messages.post(None, body, headers, Exchange())
        if method == "notifications/initialized":
            self.tasks.start_soon(self._messages.receive_notifications, lambda: self._version_header)

    async def aclose(self) -> None:
        """Does nothing: `connect` ends the session."""

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.aclose()

    def _headers_for(self, message: SessionMessage) -> dict[str, str]:
        """The headers for a message of the session. A message without a protocol version gets the version of an earlier
        message."""
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
            await self._messages.post(message.id, body, headers, exchange)
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
                await self._messages.post(None, message, {MCP_PROTOCOL_VERSION_HEADER: self.version}, Exchange())

    async def _send_reply(self, reply: Mapping[str, Any]) -> None:
        try:
            await self._send_notification(reply)
        finally:
            self._open_replies -= 1

    def _handle_message(self, message: Any) -> None:
        """Reply to a request of the server; pass another message to the session, unless too many wait there."""
        if (reply := reply_to(message)) is not None:
            if self._open_replies < MAX_OPEN_REPLIES:
                self._open_replies += 1
                self.tasks.start_soon(self._send_reply, reply)
        elif self._to_session.statistics().current_buffer_used >= mcp_wire.MAX_QUEUED_MESSAGES:
            pass
        elif (for_session := session_message(message)) is not None:
            self._pass_to_session(for_session)

    def close(self) -> None:
        """Close the stream that the session reads from."""
        self._to_session.close()
        self.incoming.close()

    async def end_session(self) -> None:
        """Tell the server that the session has ended."""
        if self._messages.session_id and self._version_header not in MODERN_PROTOCOL_VERSIONS:
            with suppress(TimeoutError, aiohttp.ClientError, OSError):
                async with asyncio.timeout(NOTIFY_TIMEOUT):
                    await self._messages.end_session()


@asynccontextmanager
async def connect(url: str, headers: Mapping[str, str]) -> AsyncIterator[Endpoint]:
    """Open an endpoint. It has an HTTP client, which it shares with no other endpoint, with one connection per
    concurrent call. When the block ends, the session at the server ends and the connections are closed."""
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
