"""An MCP server as a child process: one JSON-RPC message a line, in on its stdin, out on its stdout.

The SDK's own transport ends with the first byte that is no UTF-8, keeps a line of any length, and waits for ever on a
child that is alive and says nothing. Here no line of the child's can stop the next one from being heard.
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
    answered,
    cancelled,
    for_session,
    messages_in,
    new_key,
    refusal_of,
    request,
)
from services.untrusted import json_body

logger = logging.getLogger(__name__)

LINES_AT_MOST = 4
"""A line without an end is given up, and its child killed, after so many times MOST_BYTES."""
UNREAD_AT_MOST = 1024 * 1024
"""Bytes that a child has not read yet, beyond which it gets no farewells and no answers to what it asks."""
GOES_WITHIN = 2.0
"""Seconds from the end of its stdin to SIGTERM, and from there to SIGKILL."""
SPEAKS_WITHIN = 0.5
"""Seconds in which the last words of a child come that is gone, or reads no more."""

_BEGINS = re.compile(rb'\s*\{\s*"jsonrpc"\s*:\s*"2\.0"\s*,\s*"id"\s*:\s*(\d{1,18})\s*,')
"""How an answer mostly begins: with whose it is."""


class Child(asyncio.SubprocessProtocol):
    """One child, from its start to its end."""

    def __init__(self, name: str) -> None:
        self.version = ""
        self.heard = 0
        self.ended = anyio.Event()
        """Set once nothing can come from it, or go to it, any more."""
        self._name = name
        self._calls: dict[int, asyncio.Future[Mapping[str, Any] | str]] = {}
        self._to_session, self.incoming = anyio.create_memory_object_stream[SessionMessage | Exception](math.inf)
        self._line = bytearray()
        self._skipped = 0
        """Bytes of the line under way that were thrown away; its first ones are still in `_line`."""
        self._told = False
        self._may_write = asyncio.Event()
        self._may_write.set()
        self._exited = asyncio.Event()
        self._transport: asyncio.SubprocessTransport

    # -- what the event loop tells --------------------------------------------------------------------------------

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.SubprocessTransport", transport)

    def pipe_data_received(self, fd: int, data: bytes | str) -> None:  # noqa: ARG002  # there is one
        *ends, rest = cast("bytes", data).split(b"\n")
        for end in ends:
            if self._skipped:
                self._complain("a line of more than 16 MiB")
                self._settle_long()
            else:
                self._hear(bytes(self._line) + end if self._line else end)
            self._line.clear()
            self._skipped = 0
        if not self._skipped and len(self._line) + len(rest) <= mcp_wire.MOST_BYTES:
            self._line += rest
            return
        del self._line[256:]
        self._skipped += len(rest)
        if self._skipped > LINES_AT_MOST * mcp_wire.MOST_BYTES:
            self._complain("a line without an end")
            self._end()

    def pause_writing(self) -> None:
        self._may_write.clear()

    def resume_writing(self) -> None:
        self._may_write.set()

    def pipe_connection_lost(self, fd: int, exc: Exception | None) -> None:  # noqa: ARG002
        if fd == 1:
            self._end()
        else:  # one that closes its stdin may be about to answer what it was asked before
            asyncio.get_running_loop().call_later(SPEAKS_WITHIN, self._end)

    def process_exited(self) -> None:
        self._exited.set()
        # What it said last may still be on its way, but the pipe may be in the hands of a child of the child's.
        asyncio.get_running_loop().call_later(SPEAKS_WITHIN, self._end)

    # -- what others ask ------------------------------------------------------------------------------------------

    @property
    def under_way(self) -> int:
        """How many calls wait for an answer."""
        return len(self._calls)

    @property
    def is_open(self) -> bool:
        """Whether a call could leave now."""
        return not (self.ended.is_set() or self._exited.is_set() or self._stdin().is_closing())

    async def call(self, params: Mapping[str, Any], exchange: Exchange, *, schema: Mapping[str, Any]) -> None:  # noqa: ARG002
        """See `services.tools.mcp.wire.Wire`."""
        while (key := new_key()) in self._calls:
            pass
        answer = self._calls[key] = asyncio.get_running_loop().create_future()
        try:
            exchange.left = self._write(request(key, "tools/call", params, self.version))
            if not exchange.left:
                exchange.problem = "had stopped before the call"
                return
            found = await answer
            if isinstance(found, str):
                exchange.problem = found
            else:
                exchange.answer = found
        finally:
            del self._calls[key]
            if answer.cancelled():
                self._write(cancelled(key), unless_busy=True)

    async def knows_us(self) -> bool:
        """A child's session ends with the child."""
        return True

    async def send(self, message: SessionMessage) -> None:
        """For the session, which writes here as to a stream."""
        if not self._write(message.message.model_dump(by_alias=True, mode="json", exclude_unset=True)):
            raise anyio.BrokenResourceError
        await self._may_write.wait()

    async def aclose(self) -> None:
        """The session is over; who started the child ends it."""

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.aclose()

    # -- within ---------------------------------------------------------------------------------------------------

    def _stdin(self) -> asyncio.WriteTransport:
        return cast("asyncio.WriteTransport", self._transport.get_pipe_transport(0))

    def _write(self, message: Mapping[str, Any], *, unless_busy: bool = False) -> bool:
        """False when the child can never get it: it is gone, or stopped reading before the first byte."""
        if not self.is_open:
            return False
        stdin, line = self._stdin(), json_body(message)
        unread = stdin.get_write_buffer_size()
        if line is None or (unless_busy and unread > UNREAD_AT_MOST):
            return False
        stdin.write(line + b"\n")
        return unread > 0 or not stdin.is_closing()

    def _hear(self, line: bytes) -> None:
        found = messages_in(line)
        if found is None:
            if line.strip():
                self._complain("a line that is no JSON, or holds too many messages")
            return
        for message in found:
            self.heard += 1
            if (key := answered(message)) is not None:
                self._settle(key, message)  # unless it is answered already, or nobody waits
            elif (refusal := refusal_of(message)) is not None:
                self._write(refusal, unless_busy=True)
            elif self._to_session.statistics().current_buffer_used >= mcp_wire.WAITING_AT_MOST:
                pass
            elif (told := for_session(message)) is not None:
                with suppress(anyio.BrokenResourceError, anyio.ClosedResourceError):
                    self._to_session.send_nowait(told)
            else:
                self._complain("a message that breaks the protocol")

    def _settle(self, key: int, found: Mapping[str, Any] | str) -> None:
        call = self._calls.get(key)
        if call is not None and not call.done():
            call.set_result(found)

    def _settle_long(self) -> None:
        if begins := _BEGINS.match(self._line):
            self._settle(int(begins[1]), "answered with more than 16 MiB")

    def _complain(self, what: str) -> None:
        """Once: it may come a million times. Not the line itself: it may hold arguments and secrets."""
        if not self._told:
            self._told = True
            logger.warning("Failed to parse what MCP server %r wrote (%s); such lines are skipped", self._name, what)

    def _end(self, why: str = "failed during the call (-32000): Connection closed") -> None:
        if not self.ended.is_set():
            self.ended.set()
            self._to_session.close()
            for key in self._calls:
                self._settle(key, why)

    async def leave(self) -> None:
        """Close its stdin, which asks it to go; then make it, and whatever it started."""
        self._end("was stopped during the call")
        self._stdin().close()
        for number in (signal.SIGTERM, signal.SIGKILL):
            with suppress(TimeoutError):
                async with asyncio.timeout(GOES_WITHIN):
                    await self._exited.wait()
                    break
            self._signal(number)
        self._signal(signal.SIGKILL)
        with suppress(TimeoutError):
            async with asyncio.timeout(GOES_WITHIN):
                await self._exited.wait()
        self._transport.close()

    def close(self) -> None:
        """Let go of what the session reads from."""
        self._to_session.close()
        self.incoming.close()

    def _signal(self, number: int) -> None:
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self._transport.get_pid(), number)


@asynccontextmanager
async def started(name: str, program: str, args: list[str], env: dict[str, str]) -> AsyncIterator[Child]:
    """The child, which sees `env` and a few harmless variables of ours. Raises OSError or ValueError."""
    env = get_default_environment() | env
    path = shutil.which(program, path=env.get("PATH"))
    if path is None:
        raise FileNotFoundError
    child = Child(name)
    try:
        with anyio.CancelScope(shield=True):  # one that was just made must not be forgotten
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
                await child.leave()
    finally:
        child.close()
