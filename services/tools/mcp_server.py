"""One MCP server as a child process: started when a call needs it, shared by all calls, started anew after it dies."""

import asyncio
import logging
import math
import os
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from contextvars import Context
from dataclasses import dataclass, field
from datetime import timedelta
from types import TracebackType
from typing import Any, Protocol, Self, TextIO

import anyio
import anyio.abc
from mcp import ClientSession, StdioServerParameters, stdio_client
from mcp.client import Client
from mcp.types import Implementation
from pydantic import SecretStr

Streams = tuple[Any, Any]
"""What the session reads from and what it writes to; the SDK's own names for their types are private."""

CLIENT = Implementation(name="agent-control-plane", version="0")


class ServerCommand(Protocol):
    """How to start a server. `env` is all it gets besides PATH, HOME and the like: none of our own variables."""

    @property
    def command(self) -> str: ...
    @property
    def args(self) -> Sequence[str]: ...
    @property
    def env(self) -> Mapping[str, SecretStr]: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Down:
    """The server could not be started."""

    error: str
    retry_after: timedelta | None = None


@dataclass(slots=True)
class Life:
    """One child process, from its start to its end."""

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
        command: ServerCommand,
        *,
        start_within: timedelta,
        cool_down: timedelta,
        lives: asyncio.TaskGroup,
    ) -> None:
        self.name = name
        self._command = command
        self._start_within = start_within
        self._cool_down = cool_down
        self._lives = lives
        self._life: Life | None = None
        self._problem = ""
        self._rest_until = -math.inf
        logging.getLogger("mcp.client.stdio").addFilter(_without_payload)

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
                streams = _watched(stdio_client(self._parameters(), nowhere), life.ended)
                async with (
                    Client(streams, cache=None, client_info=CLIENT) as client,
                    anyio.create_task_group() as calls,
                ):
                    life.scope.deadline = math.inf
                    life.session, life.calls = client.session, calls
                    life.settled.set()
                    await life.ended.wait()
        except Exception as exc:  # whatever a child process does to us ends this life only
            reason = _innermost(exc)
        finally:
            life.ended.set()
            if life.session is None:
                remedy = "check its command, args and env in ACP_MCP_SERVERS"
                self._problem = f"MCP server {self.name!r} did not start ({reason}): {remedy}"
                self._rest_until = asyncio.get_running_loop().time() + self._cool_down.total_seconds()
            life.settled.set()

    def _parameters(self) -> StdioServerParameters:
        return StdioServerParameters(
            command=self._command.command,
            args=list(self._command.args),
            env={name: value.get_secret_value() for name, value in self._command.env.items()},
        )


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
