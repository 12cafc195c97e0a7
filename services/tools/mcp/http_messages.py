"""Send the messages of an MCP session over HTTP, one POST each, and read the answers: JSON or a stream of events."""

import asyncio
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any

import aiohttp
from mcp.shared.inbound import MCP_PROTOCOL_VERSION_HEADER

from services.clock import utc_now
from services.tools.http.provider import parse_retry_after
from services.tools.long_answers import LongAnswers
from services.tools.mcp import wire as mcp_wire
from services.tools.mcp.client import OriginClient
from services.tools.mcp.events import AnswerTooLong, StreamPosition, read_body, read_events
from services.tools.mcp.wire import Exchange, parse_messages
from services.untrusted import json_body

STREAM_END_TIMEOUT = 0.01
"""Seconds to wait, after the answer, for the end of its stream, so that the connection can be used again."""

_SESSION_HEADER = "mcp-session-id"
_LAST_EVENT_HEADER = "last-event-id"
_EVENT_STREAM = "text/event-stream"
_MAX_ERROR_BYTES = 64 * 1024


class HttpMessages:
    """Sends the messages of one session with one server. `on_message` gets every message of the server except
    answers."""

    def __init__(self, client: OriginClient, headers: Mapping[str, str], on_message: Callable[[Any], None]) -> None:
        self.version = ""
        """The protocol version that the session agreed on; empty before."""
        self.session_id = ""
        """The server's id of the session; empty if the server has sent none."""
        self.received_messages = 0
        self._client = client
        self._on_message = on_message
        configured = {name.lower(): value for name, value in headers.items()}
        self._headers = {
            "accept-encoding": "identity", "user-agent": mcp_wire.CLIENT.name, **configured,
            "content-type": "application/json", "accept": f"application/json, {_EVENT_STREAM}",
        }  # fmt: skip
        self._long_answers = LongAnswers()

    async def post(
        self, request_id: int | str | None, message: Mapping[str, Any], headers: Mapping[str, str], exchange: Exchange
    ) -> None:
        """Send a message and write the answer to `request_id` into `exchange`. Raises nothing but CancelledError."""
        body = json_body(message)
        headers = {**self._headers, **headers}
        if self.session_id and message.get("method") != "initialize":
            headers[_SESSION_HEADER] = self.session_id
        try:
            async with self._client.request("POST", headers, exchange, body) as response:
                await self._read_answer(request_id, response, exchange)
                if message.get("method") == "initialize" and exchange.answer is not None:
                    self.session_id = response.headers.get(_SESSION_HEADER, "")
        except AnswerTooLong:
            exchange.problem = "answered with more than 4 MiB"
        except aiohttp.ClientConnectorError:
            exchange.problem = "ConnectError"
        except (aiohttp.ClientError, OSError, ValueError) as exc:
            # the error ends only this request; the session continues
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
        """Look for the answer to `request_id` in `body`, and pass on the other messages. True if it was found.

        With `anonymous`, an answer without an id is accepted too.
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
            else:
                self._on_message(message)
        return False

    async def _read_stream(
        self, request_id: int | str | None, response: aiohttp.ClientResponse, exchange: Exchange
    ) -> None:
        """Read events until the answer comes. If the stream ends without the answer, the stream is resumed, provided
        that the server sent event ids."""
        exchange.problem = "ended its event stream without an answer"
        position = StreamPosition()
        with suppress(aiohttp.ClientError, OSError):  # a stream that broke off is resumed like one that ended
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

    async def receive_notifications(self, version: Callable[[], str]) -> None:
        """Receive notifications until the server refuses the stream. `version` returns the protocol version to name."""
        position = StreamPosition()
        while self.session_id:
            headers = self._stream_headers(version(), position)
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

    async def end_session(self) -> None:
        """Tell the server that the session has ended. Raises the errors of aiohttp and OSError."""
        headers = self._headers | {_SESSION_HEADER: self.session_id, MCP_PROTOCOL_VERSION_HEADER: self.version}
        async with self._client.request("DELETE", headers, Exchange()):
            pass

    def _stream_headers(self, version: str, position: StreamPosition) -> dict[str, str]:
        """The headers of a request for a stream of events, which goes on after `position`."""
        headers = self._headers | {"accept": _EVENT_STREAM, MCP_PROTOCOL_VERSION_HEADER: version}
        if self.session_id:
            headers[_SESSION_HEADER] = self.session_id
        if position.last_id is not None:
            headers[_LAST_EVENT_HEADER] = position.last_id
        return headers


def _same_id(one: Any, other: int | str | None) -> bool:
    """Whether both ids are equal, also in type: the id 1 is neither True nor 1.0."""
    return type(one) is type(other) and bool(one == other)
