"""One MCP server: reached when a call needs it, shared by all calls, reached anew after it went away.

It is a child process of ours (stdio), or somewhere else (streamable HTTP). The address of the latter is the operator's
own word, so it may be anywhere; a redirect is followed only within the same origin.
"""

import asyncio
import math
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, nullcontext, suppress
from contextvars import Context
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any, Protocol

import anyio
import anyio.abc
from mcp import ClientSession, MCPError
from mcp.client import Client
from mcp.client.client import ConnectMode
from mcp.client.subscriptions import SubscriptionLost
from mcp.types import ToolListChangedNotification
from mcp.types.version import MODERN_PROTOCOL_VERSIONS
from pydantic import SecretStr

from services.tools.mcp.answers import PARKED_FOR
from services.tools.mcp.http import Endpoint, connected
from services.tools.mcp.stdio import Child, started
from services.tools.mcp.wire import CLIENT, Exchange

ANSWERS_WITHIN = 5.0
"""Seconds that a server has to say whether it is there and still knows us."""


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
    is_closed: bool = False
    """It is there, and does not let us in."""


@dataclass(slots=True, eq=False)
class Life:
    """One session with a server, from its start to its end."""

    scope: anyio.CancelScope = field(default_factory=anyio.CancelScope)
    """Cancel it to end this life."""
    settled: anyio.Event = field(default_factory=anyio.Event)
    """Set once it is known whether it started."""
    started: bool = False
    """Only then it has a session and a wire."""
    over: bool = False
    """Nothing is begun in it any more."""
    session: ClientSession = field(init=False)
    wire: Child | Endpoint = field(init=False)
    tasks: anyio.abc.TaskGroup = field(init=False)
    doubted: bool = False

    @property
    def is_open(self) -> bool:
        """Whether a call could leave now."""
        return not self.over and (not self.started or self.wire.is_open)

    def retire(self) -> None:
        """Begin nothing more; what is under way may end."""
        self.over = True
        if not self.wire.under_way:
            self.scope.cancel()

    def doubt(self, heard: int) -> None:
        """A call got no answer, and when it left so many messages had been heard.

        A child that says nothing at all any more is killed. A server elsewhere is none of ours to end.
        """
        if isinstance(self.wire, Child) and self.wire.heard == heard and not self.doubted:
            self.doubted = True
            self.tasks.start_soon(self._look, heard)

    async def _look(self, heard: int) -> None:
        with anyio.move_on_after(ANSWERS_WITHIN), suppress(MCPError):
            await self.session.send_ping()
        self.doubted = False
        if self.wire.heard == heard:
            self.over = True
            self.scope.cancel()


class Server:
    """One named server: at most one life at a time, besides those whose last calls are ending."""

    def __init__(
        self,
        name: str,
        settings: ServerSettings,
        *,
        start_within: timedelta,
        reconnect_after: timedelta,
        lives: asyncio.TaskGroup,
        on_tools_changed: Callable[[], None],
    ) -> None:
        self.name = name
        self._on_tools_changed = on_tools_changed
        self._settings = settings
        self._start_within = start_within
        self._reconnect_after = reconnect_after
        self._lives = lives
        self._open: set[Life] = set()
        self._life: Life | None = None
        self._is_legacy = False
        """It once died of being asked in the way of 2026, or spoke no version of that kind."""
        self._down = Down(error="")
        """Why it did not start, when it last did not."""
        self._rest_until = 0.0

    async def reach(self) -> Life | Down:
        """A life that has started; begins one if there is none.

        Whoever stops waiting does not stop the start: the next call finds it done. It is open until the caller next
        awaits.
        """
        life = self._life
        if life is None or not life.is_open:
            if life is not None and life.started:
                life.retire()
            wait = timedelta(seconds=self._rest_until - asyncio.get_running_loop().time())
            if wait > timedelta(0):
                return replace(self._down, retry_after=max(wait, self._down.retry_after or wait))
            life = self._life = Life()
            # An empty context: the child outlives the call that came first, and its logs are not that call's.
            self._lives.create_task(self._live(life), name=f"mcp server {self.name}", context=Context())
        await life.settled.wait()
        if not life.started:
            return self._down
        if not life.is_open:
            error = f"MCP server {self.name!r} stopped as soon as it had started"
            return Down(error=error, retry_after=self._reconnect_after)
        return life

    def stop(self) -> None:
        """End what there is."""
        for life in self._open:
            life.scope.cancel()

    async def _live(self, life: Life) -> None:
        """From start to end in this one task: the SDK's cancel scopes must be left where they were entered."""
        self._open.add(life)
        down = Down(error=self._did_not_start(f"not ready within {self._start_within.total_seconds():g} s"))
        try:
            with life.scope:
                life.scope.deadline = anyio.current_time() + self._start_within.total_seconds()
                down = await self._hold(life) or down
        finally:
            life.over = True
            self._open.discard(life)
            if not life.started:
                self._is_legacy = False
                self._down = down
                rest = (
                    self._reconnect_after
                    if down.is_closed
                    else max(self._reconnect_after, down.retry_after or self._reconnect_after)
                )
                self._rest_until = asyncio.get_running_loop().time() + rest.total_seconds()
            life.settled.set()

    async def _hold(self, life: Life) -> Down | None:
        """A session, from start to end. Why it did not start, else None."""
        while True:
            wire: Child | Endpoint | None = None
            error: Exception | None = None
            try:
                async with self._wire() as wire:
                    await self._keep(life, wire)
            except Exception as exc:  # whatever a server does to us ends this life only
                error = exc
            if life.started:
                return None
            if isinstance(wire, Endpoint) or wire is None or not wire.ended.is_set() or self._is_legacy:
                return self._reason(wire, error)
            self._is_legacy = True  # SDKs before 1.9 die of a question that they do not know

    async def _keep(self, life: Life, wire: Child | Endpoint) -> None:
        mode: ConnectMode = "legacy" if self._is_legacy else "auto"
        async with (
            Client(
                nullcontext((wire.incoming, wire)),
                mode=mode,
                cache=None,
                client_info=CLIENT,
                message_handler=self._hear,
            ) as client,
            anyio.create_task_group() as tasks,
        ):
            wire.version = client.session.protocol_version or ""
            self._is_legacy = wire.version not in MODERN_PROTOCOL_VERSIONS
            life.scope.deadline = math.inf
            life.session, life.wire, life.tasks, life.started = client.session, wire, tasks, True
            life.settled.set()
            if not self._is_legacy:
                tasks.start_soon(self._subscribe, client)
            await wire.ended.wait()
            tasks.cancel_scope.cancel()

    async def _hear(self, message: Any) -> None:
        if isinstance(message, ToolListChangedNotification):
            self._on_tools_changed()

    async def _subscribe(self, client: Client) -> None:
        """As of 2026 a server tells of changes only whoever asks to be told; what it tells comes to `_hear`."""
        with suppress(MCPError, SubscriptionLost):
            async with client.listen(tools_list_changed=True) as changes:
                async for _ in changes:
                    pass

    def _wire(self) -> AbstractAsyncContextManager[Child | Endpoint]:
        told = self._settings
        if told.command is None:
            return connected(told.url or "", {name: value.get_secret_value() for name, value in told.headers.items()})
        env = {name: value.get_secret_value() for name, value in told.env.items()}
        return started(self.name, told.command, list(told.args), env)

    def _reason(self, wire: Child | Endpoint | None, error: Exception | None) -> Down:
        refused = wire.refused if isinstance(wire, Endpoint) else Exchange()
        why = refused.problem or ("stopped" if error is None else _innermost(error))
        if refused.status in {401, 403}:
            return Down(error=self._did_not_start(why), retry_after=PARKED_FOR, is_closed=True)
        return Down(error=self._did_not_start(why), retry_after=refused.retry_after or self._reconnect_after)

    def _did_not_start(self, why: str) -> str:
        what = "command, args and env" if self._settings.command else "url and headers"
        return f"MCP server {self.name!r} did not start ({why}): check its {what} in ACP_MCP_SERVERS"


def _innermost(exc: BaseException) -> str:
    """The kind of error at the heart of nested groups; its words may hold the child's output."""
    while isinstance(exc, BaseExceptionGroup):
        exc = exc.exceptions[0]
    return type(exc).__name__
