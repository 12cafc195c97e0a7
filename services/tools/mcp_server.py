"""One MCP server: reached when a call needs it, shared by all calls, reached anew after it went away.

It is a child process of ours (stdio), or somewhere else (streamable HTTP). The address of the latter is the operator's
own word, so it may be anywhere; the SDK follows a redirect only within the same origin.
"""

import asyncio
import logging
import math
import os
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from contextvars import Context
from dataclasses import dataclass, field
from datetime import timedelta
from types import TracebackType
from typing import Any, Protocol, Self, TextIO

import anyio
import anyio.abc
import httpx2
from mcp import ClientSession, MCPError, StdioServerParameters, stdio_client
from mcp.client import Client
from mcp.client.streamable_http import streamable_http_client
from mcp.client.subscriptions import SubscriptionLost
from mcp.shared._httpx_utils import create_mcp_http_client
from mcp.types import METHOD_NOT_FOUND, Implementation, ToolListChangedNotification
from mcp.types.version import MODERN_PROTOCOL_VERSIONS
from pydantic import SecretStr

Streams = tuple[Any, Any]
"""What the session reads from and what it writes to; the SDK's own names for their types are private."""

ANSWERS_WITHIN = 5.0
"""Seconds that a server has to say whether it still knows us."""
MOST_BYTES = 16 * 1024 * 1024
"""Of one answer or one event; far more than is kept of a result."""
CLIENT = Implementation(name="agent-control-plane", version="0")


class ServerSettings(Protocol):
    """How to reach a server: a command to start it, or a URL. `env` is all that a child gets besides PATH, HOME and the
    like: none of our own variables."""

    @property
    def command(self) -> str | None: ...
    @property
    def args(self) -> Sequence[str]: ...
    @property
    def env(self) -> Mapping[str, SecretStr]: ...
    @property
    def url(self) -> str | None: ...
    @property
    def headers(self) -> Mapping[str, SecretStr]: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Down:
    """The server could not be reached."""

    error: str
    retry_after: timedelta | None = None


@dataclass(slots=True)
class Life:
    """One session with a server, from its start to its end."""

    scope: anyio.CancelScope = field(default_factory=anyio.CancelScope)
    """Cancel it to end this life."""
    settled: anyio.Event = field(default_factory=anyio.Event)
    """Set once it is known whether it started."""
    ended: anyio.Event = field(default_factory=anyio.Event)
    session: ClientSession | None = None
    calls: anyio.abc.TaskGroup | None = None
    """Where requests run, so that a caller who gives up does not wait for their farewells."""


class Server:
    """One named server: at most one life at a time."""

    def __init__(
        self,
        name: str,
        settings: ServerSettings,
        *,
        start_within: timedelta,
        cool_down: timedelta,
        lives: asyncio.TaskGroup,
        on_tools_changed: Callable[[], None],
    ) -> None:
        self.name = name
        self._on_tools_changed = on_tools_changed
        self._settings = settings
        self._start_within = start_within
        self._cool_down = cool_down
        self._lives = lives
        self._life: Life | None = None
        self._problem = ""
        self._rest_until = -math.inf
        for transport in ("stdio", "streamable_http"):
            logging.getLogger(f"mcp.client.{transport}").addFilter(_without_payload)

    async def reach(self) -> tuple[ClientSession, anyio.abc.TaskGroup] | Down:
        """The session with the living child and the group its requests run in; starts the child if there is none.

        Whoever stops waiting does not stop the start: the next call finds it done. The two are fit for use until the
        caller next awaits.
        """
        life = self._life
        if life is None or life.ended.is_set():
            wait = self._rest_until - asyncio.get_running_loop().time()
            if wait > 0:
                return Down(error=self._problem, retry_after=timedelta(seconds=wait))
            life = self._life = Life()
            # An empty context: the child outlives the call that came first, and its logs are not that call's.
            self._lives.create_task(self._live(life), name=f"mcp server {self.name}", context=Context())
        await life.settled.wait()
        if life.session is None or life.calls is None:
            return Down(error=self._problem, retry_after=self._cool_down)
        if life.ended.is_set():
            return Down(
                error=f"MCP server {self.name!r} stopped as soon as it had started", retry_after=self._cool_down
            )
        return life.session, life.calls

    async def doubt(self, session: ClientSession) -> None:
        """A call over this session failed: end its life if the server does not know it any more.

        A child's session ends with the child; a server elsewhere may have been started anew, and forgotten us.
        """
        if self._settings.command is not None:
            return
        with anyio.move_on_after(ANSWERS_WITHIN):  # one that is busy has not forgotten us, and others' calls run there
            try:
                await session.send_ping()
            except MCPError as exc:
                if exc.code != METHOD_NOT_FOUND and self._life is not None and self._life.session is session:
                    self.stop()

    def stop(self) -> None:
        """End the life there is."""
        if self._life is not None:
            self._life.scope.cancel()

    async def _live(self, life: Life) -> None:
        """From start to end in this one task: the SDK's cancel scopes must be left where they were entered."""
        reason = f"not ready within {self._start_within.total_seconds():g} s"
        try:
            with life.scope, _nowhere() as nowhere:
                life.scope.deadline = anyio.current_time() + self._start_within.total_seconds()
                streams = _watched(self._transport(nowhere), life.ended)
                async with (
                    Client(streams, cache=None, client_info=CLIENT, message_handler=self._hear) as client,
                    anyio.create_task_group() as calls,
                ):
                    if client.session.protocol_version in MODERN_PROTOCOL_VERSIONS:
                        calls.start_soon(self._subscribe, client)
                    life.scope.deadline = math.inf
                    life.session, life.calls = client.session, calls
                    life.settled.set()
                    await life.ended.wait()
        except Exception as exc:  # whatever a server does to us ends this life only
            reason = _innermost(exc)
        finally:
            life.ended.set()
            if life.session is None:
                what = "command, args and env" if self._settings.command else "url and headers"
                self._problem = (
                    f"MCP server {self.name!r} did not start ({reason}): check its {what} in ACP_MCP_SERVERS"
                )
                self._rest_until = asyncio.get_running_loop().time() + self._cool_down.total_seconds()
            life.settled.set()

    async def _hear(self, message: Any) -> None:
        if isinstance(message, ToolListChangedNotification):
            self._on_tools_changed()

    async def _subscribe(self, client: Client) -> None:
        """As of 2026 a server tells of changes only whoever asks to be told; what it tells comes to `_hear`."""
        with suppress(MCPError, SubscriptionLost):
            async with client.listen(tools_list_changed=True) as changes:
                async for _ in changes:
                    pass

    def _transport(self, stderr: TextIO) -> AbstractAsyncContextManager[Streams]:
        told = self._settings
        if told.command is None:
            return _over_http(told.url or "", {name: value.get_secret_value() for name, value in told.headers.items()})
        parameters = StdioServerParameters(
            command=told.command,
            args=list(told.args),
            env={name: value.get_secret_value() for name, value in told.env.items()},
        )
        return stdio_client(parameters, stderr)


@asynccontextmanager
async def _over_http(url: str, headers: dict[str, str]) -> AsyncIterator[Streams]:
    async with (
        create_mcp_http_client(headers={**headers, "accept-encoding": "identity"}) as client,
        streamable_http_client(url, http_client=client) as streams,
    ):
        client.event_hooks = {"response": [_bound]}
        yield streams


async def _bound(response: httpx2.Response) -> None:
    """Read no more of it than MOST_BYTES at once, and unpack nothing: a small answer could unpack to any size."""
    if response.headers.get("content-encoding", "identity") != "identity":
        raise httpx2.DecodingError("packed, though we asked for plain bytes", request=response.request)
    is_events = response.headers.get("content-type", "").startswith("text/event-stream")
    response.stream = _Bounded(response.stream, ends_with=b"\n" if is_events else None)


class _Bounded(httpx2.AsyncByteStream):
    """Ends with an error where too much comes, counted from the last `ends_with`."""

    def __init__(self, stream: Any, *, ends_with: bytes | None) -> None:
        self._stream = stream
        self._ends_with = ends_with

    async def __aiter__(self) -> AsyncIterator[bytes]:
        size = 0
        async for chunk in self._stream:
            at = -1 if self._ends_with is None else chunk.rfind(self._ends_with)
            size = size + len(chunk) if at < 0 else len(chunk) - at
            if size > MOST_BYTES:
                raise httpx2.ReadError(f"more than {MOST_BYTES} bytes")
            yield chunk

    async def aclose(self) -> None:
        await self._stream.aclose()


@asynccontextmanager
async def _watched(transport: AbstractAsyncContextManager[Streams], ended: anyio.Event) -> AsyncIterator[Streams]:
    async with transport as (read, write):
        yield _Watched(read, ended), write


class _Watched:
    """The session's incoming stream; tells when the session stops reading, which it does when the child is gone."""

    def __init__(self, stream: Any, ended: anyio.Event) -> None:
        self._stream = stream
        self._ended = ended

    async def receive(self) -> Any:
        return await self._stream.receive()

    async def aclose(self) -> None:
        await self._stream.aclose()

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> Any:
        return await self._stream.__anext__()

    async def __aenter__(self) -> Self:
        await self._stream.__aenter__()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, exc: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._ended.set()
        await self._stream.__aexit__(kind, exc, trace)


def _nowhere() -> TextIO:
    """Where the child's stderr goes: it may tell of arguments and secrets; our terminal and our logs may not."""
    return open(os.devnull, "w", encoding="utf-8")


def _innermost(exc: BaseException) -> str:
    """The kind of error at the heart of nested groups; its words may hold the child's output."""
    while isinstance(exc, BaseExceptionGroup):
        exc = exc.exceptions[0]
    return type(exc).__name__


def _without_payload(record: logging.LogRecord) -> Any:
    """The SDK logs lines it cannot read with a traceback that quotes them; keep the message only."""
    record.exc_info = record.exc_text = None
    return True
