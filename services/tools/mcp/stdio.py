"""An MCP server as a child process: one JSON-RPC message per line, over its stdin and stdout.

The SDK's own transport fails at the first byte that is not UTF-8, stores lines of any length, and waits for ever for a
silent child. This transport skips an invalid line and reads on.
"""

import asyncio
import logging
import math
import os
import re
import shutil
import signal
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from typing import Any, Self, cast

import anyio
from mcp.client.stdio import get_default_environment
from mcp.shared.message import SessionMessage

from services.process.children import child_command
from services.tools.mcp import wire as mcp_wire
from services.tools.mcp.wire import (
    Exchange,
    answered_call_id,
    cancel_message,
    new_call_id,
    parse_messages,
    reply_to,
    request_message,
    session_message,
)
from services.untrusted import json_body

logger = logging.getLogger(__name__)

MAX_LINE_FACTOR = 16
"""A child is killed when it writes a line longer than this many times MAX_MESSAGE_BYTES."""
MAX_UNREAD_BYTES = 1024 * 1024
"""While a child has more unread bytes than this, it gets calls only: no cancellations and no replies."""
STOP_TIMEOUT = 2.0
"""Seconds from closing a child's stdin to SIGTERM, and from there to SIGKILL."""
LAST_OUTPUT_WITHIN = 0.5
"""Seconds for which output is still read after a child has exited or closed its stdin."""

_ANSWER_START_PATTERN = re.compile(rb'\s*\{\s*"jsonrpc"\s*:\s*"2\.0"\s*,\s*"id"\s*:\s*(\d{1,18})\s*,')
"""The usual start of an answer, with the id of its call."""


class Child(asyncio.SubprocessProtocol):
    """The connection to one child process, from its start to its end."""

    def __init__(self, name: str) -> None:
        self.version = ""
        self.received_messages = 0
        self.ended = anyio.Event()
        """Set once nothing more can be read from or written to the child."""
        self._name = name
        self._calls: dict[int, asyncio.Future[Mapping[str, Any] | str]] = {}
        self._to_session, self.incoming = anyio.create_memory_object_stream[SessionMessage | Exception](math.inf)
        self._line = bytearray()
        self._skipped_bytes = 0
        """How many bytes of the current line were dropped; its first ones are still in `_line`."""
        self._has_warned = False
        self._may_write = asyncio.Event()
        self._may_write.set()
        self._exited = asyncio.Event()
        self._transport: asyncio.SubprocessTransport

    # -- called by asyncio ----------------------------------------------------------------------------------------

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.SubprocessTransport", transport)

    def pipe_data_received(self, fd: int, data: bytes | str) -> None:  # noqa: ARG002  # only stdout is read
        *lines, rest = cast("bytes", data).split(b"\n")
        for line in lines:
            if self._skipped_bytes:
                self._warn_once("a line of more than 4 MiB")
                self._finish_call_of_long_line()
            else:
                self._handle_line(bytes(self._line) + line if self._line else line)
            self._line.clear()
            self._skipped_bytes = 0
        if not self._skipped_bytes and len(self._line) + len(rest) <= mcp_wire.MAX_MESSAGE_BYTES:
            self._line += rest
            return
        del self._line[256:]
        self._skipped_bytes += len(rest)
        if self._skipped_bytes > MAX_LINE_FACTOR * mcp_wire.MAX_MESSAGE_BYTES:
            self._warn_once("a line without an end")
            self._close_session()

    def pause_writing(self) -> None:
        self._may_write.clear()

    def resume_writing(self) -> None:
        self._may_write.set()

    def pipe_connection_lost(self, fd: int, exc: Exception | None) -> None:  # noqa: ARG002
        if fd == 1:
            self._close_session()
        else:  # a child that closes its stdin may still answer earlier calls
            asyncio.get_running_loop().call_later(LAST_OUTPUT_WITHIN, self._close_session)

    def process_exited(self) -> None:
        self._exited.set()
        # Read the last output of the child for a while, but not to the end of the pipe: a grandchild may keep the pipe
        # open.
        asyncio.get_running_loop().call_later(LAST_OUTPUT_WITHIN, self._close_session)

    # -- for callers ----------------------------------------------------------------------------------------------

    @property
    def open_calls(self) -> int:
        """How many calls wait for an answer."""
        return len(self._calls)

    @property
    def is_open(self) -> bool:
        """Whether a call can be sent now."""
        return not (self.ended.is_set() or self._exited.is_set() or self._stdin().is_closing())

    async def call(self, params: Mapping[str, Any], exchange: Exchange, *, schema: Mapping[str, Any]) -> None:  # noqa: ARG002
        """See `services.tools.mcp.wire.Transport`."""
        while (request_id := new_call_id()) in self._calls:
            pass
        answer = self._calls[request_id] = asyncio.get_running_loop().create_future()
        try:
            exchange.maybe_sent = self._write(request_message(request_id, "tools/call", params, self.version))
            if not exchange.maybe_sent:
                exchange.problem = "had stopped before the call"
                return
            result = await answer
            if isinstance(result, str):
                exchange.problem = result
            else:
                exchange.answer = result
        finally:
            del self._calls[request_id]
            if answer.cancelled():
                self._write(cancel_message(request_id), unless_busy=True)

    async def ping_session(self) -> bool:
        """Always true: the session ends with the child."""
        return True

    async def send(self, message: SessionMessage) -> None:
        """Write a message of the SDK's session, which uses this object as a stream."""
        if not self._write(message.message.model_dump(by_alias=True, mode="json", exclude_unset=True)):
            raise anyio.BrokenResourceError
        await self._may_write.wait()

    async def aclose(self) -> None:
        """Does nothing: `start_child` stops the child."""

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.aclose()

    # -- internal -------------------------------------------------------------------------------------------------

    def _stdin(self) -> asyncio.WriteTransport:
        return cast("asyncio.WriteTransport", self._transport.get_pipe_transport(0))

    def _write(self, message: Mapping[str, Any], *, unless_busy: bool = False) -> bool:
        """Write a line. False if the child cannot receive it because it has exited or closed its stdin.

        With `unless_busy` the message is dropped while the child has more than MAX_UNREAD_BYTES to read.
        """
        if not self.is_open:
            return False
        stdin, line = self._stdin(), json_body(message)
        unread = stdin.get_write_buffer_size()
        if line is None or (unless_busy and unread > MAX_UNREAD_BYTES):
            return False
        stdin.write(line + b"\n")
        return unread > 0 or not stdin.is_closing()

    def _handle_line(self, line: bytes) -> None:
        messages = parse_messages(line)
        if messages is None:
            if line.strip():
                self._warn_once("a line that is not JSON, or contains too many messages")
            return
        for message in messages:
            self.received_messages += 1
            if (request_id := answered_call_id(message)) is not None:
                self._finish_call(request_id, message)  # ignored if the call has ended or has an answer
            elif (reply := reply_to(message)) is not None:
                self._write(reply, unless_busy=True)
            elif self._to_session.statistics().current_buffer_used >= mcp_wire.MAX_QUEUED_MESSAGES:
                pass
            elif (notification := session_message(message)) is not None:
                with suppress(anyio.BrokenResourceError, anyio.ClosedResourceError):
                    self._to_session.send_nowait(notification)
            else:
                self._warn_once("an invalid message")

    def _finish_call(self, request_id: int, result: Mapping[str, Any] | str) -> None:
        call = self._calls.get(request_id)
        if call is not None and not call.done():
            call.set_result(result)

    def _finish_call_of_long_line(self) -> None:
        if start := _ANSWER_START_PATTERN.match(self._line):
            self._finish_call(int(start[1]), "answered with more than 4 MiB")

    def _warn_once(self, what: str) -> None:
        """Log the first invalid output of the child, without quoting it: it may contain arguments and secrets."""
        if not self._has_warned:
            self._has_warned = True
            logger.warning("Failed to parse what MCP server %r wrote (%s); such lines are skipped", self._name, what)

    def _close_session(self, why: str = "failed during the call (-32000): Connection closed") -> None:
        if not self.ended.is_set():
            self.ended.set()
            self._to_session.close()
            for request_id in self._calls:
                self._finish_call(request_id, why)

    async def stop(self) -> None:
        """Close the child's stdin, which asks it to exit; after STOP_TIMEOUT end its process group by signals."""
        self._close_session("was stopped during the call")
        self._stdin().close()
        for number in (signal.SIGTERM, signal.SIGKILL):
            with suppress(TimeoutError):
                async with asyncio.timeout(STOP_TIMEOUT):
                    await self._exited.wait()
                    break
            self._signal(number)
        self._signal(signal.SIGKILL)
        with suppress(TimeoutError):
            async with asyncio.timeout(STOP_TIMEOUT):
                await self._exited.wait()
        self._transport.close()

    def close(self) -> None:
        """Close the stream that the session reads from."""
        self._to_session.close()
        self.incoming.close()

    def _signal(self, number: int) -> None:
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self._transport.get_pid(), number)


@asynccontextmanager
async def start_child(name: str, program: str, args: list[str], env: dict[str, str]) -> AsyncIterator[Child]:
    """Start a child process and stop it at the end. Raises OSError or ValueError.

    The environment of the child is `env` and the SDK's default variables, such as PATH and HOME.
    """
    env = get_default_environment() | env
    path = shutil.which(program, path=env.get("PATH"))
    if path is None:
        raise FileNotFoundError
    child = Child(name)
    try:
        with anyio.CancelScope(shield=True):  # a process that was just created must be stopped, too
            await asyncio.get_running_loop().subprocess_exec(
                lambda: child,
                *child_command(path, *args),
                env=env,
                stderr=asyncio.subprocess.DEVNULL,
                start_new_session=True,
            )
        try:
            yield child
        finally:
            with anyio.CancelScope(shield=True):
                await child.stop()
    finally:
        child.close()
