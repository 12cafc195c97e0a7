"""One MCP server: a session is opened when a call needs it, shared by all calls, and replaced when it has ended.

The server is a child process (stdio) or runs elsewhere (streamable HTTP). Its URL comes from the operator's settings,
so it may be any address; redirects are followed only within the same origin.
"""

import asyncio
import math
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager, nullcontext, suppress
from contextvars import Context
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

import anyio
import anyio.abc
from mcp import ClientSession, MCPError
from mcp.client import Client
from mcp.client.client import ConnectMode
from mcp.client.subscriptions import SubscriptionLost
from mcp.types import ToolListChangedNotification
from mcp.types.version import MODERN_PROTOCOL_VERSIONS

from services.tools.mcp import McpServer
from services.tools.mcp.answers import RETRY_AFTER_ACCESS_DENIED
from services.tools.mcp.http import Endpoint, connect
from services.tools.mcp.stdio import Child, start_child
from services.tools.mcp.wire import CLIENT, Exchange

PING_TIMEOUT = 5.0
"""Seconds in which a silent child process must answer a ping."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Unreachable:
    """The result when no session could be opened, with the reason."""

    error: str
    retry_after: timedelta | None = None
    access_denied: bool = False
    """The server runs but denied access (401 or 403)."""


@dataclass(slots=True, eq=False)
class ServerSession:
    """One session with a server, from its start to its end."""

    scope: anyio.CancelScope = field(default_factory=anyio.CancelScope)
    """Cancel it to end the session."""
    start_ended: anyio.Event = field(default_factory=anyio.Event)
    """Set once the start has succeeded or failed."""
    is_started: bool = False
    """Whether the start succeeded: `client_session`, `transport` and `tasks` are set only then."""
    is_retired: bool = False
    """No further call is sent in this session."""
    client_session: ClientSession = field(init=False)
    transport: Child | Endpoint = field(init=False)
    tasks: anyio.abc.TaskGroup = field(init=False)
    is_pinging: bool = False

    @property
    def is_open(self) -> bool:
        """Whether a call can be sent in this session, or will be once it has started."""
        return not self.is_retired and (not self.is_started or self.transport.is_open)

    def retire(self) -> None:
        """Send no further call. The session ends immediately if no call is open."""
        self.is_retired = True
        if not self.transport.open_calls:
            self.scope.cancel()

    def ping_if_silent(self, received_messages: int) -> None:
        """End a child process that has become silent; call this after a call without an answer.

        `received_messages` is the count from before the call. If no message has come since, the child is pinged. If
        the child does not answer, the session ends, and the child with it. A server elsewhere is left alone.
        """
        if (
            isinstance(self.transport, Child)
            and self.transport.received_messages == received_messages
            and not self.is_pinging
        ):
            self.is_pinging = True
            self.tasks.start_soon(self._ping, received_messages)

    async def _ping(self, received_messages: int) -> None:
        with anyio.move_on_after(PING_TIMEOUT), suppress(MCPError):
            await self.client_session.send_ping()
        self.is_pinging = False
        if self.transport.received_messages == received_messages:
            self.is_retired = True
            self.scope.cancel()


class Server:
    """One named server: at most one session at a time, besides those whose last calls are ending."""

    def __init__(
        self,
        name: str,
        settings: McpServer,
        *,
        start_within: timedelta,
        reconnect_after: timedelta,
        task_group: asyncio.TaskGroup,
        on_tools_changed: Callable[[], None],
    ) -> None:
        self.name = name
        self._on_tools_changed = on_tools_changed
        self._settings = settings
        self._start_within = start_within
        self._reconnect_after = reconnect_after
        self._task_group = task_group
        self._sessions: set[ServerSession] = set()
        self._session: ServerSession | None = None
        self._is_legacy = False
        """The server exited at a request of protocol 2026, or agreed on an older version."""
        self._last_failure = Unreachable(error="")
        """The reason of the latest failed start."""
        self._reconnect_at = 0.0

    async def open_session(self) -> ServerSession | Unreachable:
        """The open session, or a new one if there is none; Unreachable if it does not start.

        A start continues when a waiting caller is cancelled. The session is open until the caller's next `await`.
        """
        session = self._session
        if session is None or not session.is_open:
            if session is not None and session.is_started:
                session.retire()
            wait = timedelta(seconds=self._reconnect_at - asyncio.get_running_loop().time())
            if wait > timedelta(0):
                return replace(self._last_failure, retry_after=max(wait, self._last_failure.retry_after or wait))
            session = self._session = ServerSession()
            # An empty context: the session outlives this call, and its logs must not carry the ids of this call.
            self._task_group.create_task(self._run(session), name=f"mcp server {self.name}", context=Context())
        await session.start_ended.wait()
        if not session.is_started:
            return self._last_failure
        if not session.is_open:
            error = f"MCP server {self.name!r} stopped as soon as it had started"
            return Unreachable(error=error, retry_after=self._reconnect_after)
        return session

    def stop(self) -> None:
        """End all sessions."""
        for session in self._sessions:
            session.scope.cancel()

    async def _run(self, session: ServerSession) -> None:
        """Start, serve and end the session in one task, because the SDK's cancel scopes must not span tasks."""
        self._sessions.add(session)
        failure = Unreachable(error=self._start_error(f"not ready within {self._start_within.total_seconds():g} s"))
        try:
            with session.scope:
                session.scope.deadline = anyio.current_time() + self._start_within.total_seconds()
                failure = await self._connect_and_serve(session) or failure
        finally:
            session.is_retired = True
            self._sessions.discard(session)
            if not session.is_started:
                self._is_legacy = False
                self._last_failure = failure
                wait = self._reconnect_after
                if not failure.access_denied:
                    wait = max(wait, failure.retry_after or wait)
                self._reconnect_at = asyncio.get_running_loop().time() + wait.total_seconds()
            session.start_ended.set()

    async def _connect_and_serve(self, session: ServerSession) -> Unreachable | None:
        """Open a transport and serve the session until it ends. Returns why it did not start, else None."""
        while True:
            transport: Child | Endpoint | None = None
            error: Exception | None = None
            try:
                async with self._open_transport() as transport:
                    await self._serve(session, transport)
            except Exception as exc:  # no error of a server may end more than its session
                error = exc
            if session.is_started:
                return None
            if isinstance(transport, Endpoint) or transport is None or not transport.ended.is_set() or self._is_legacy:
                return self._start_failure(transport, error)
            self._is_legacy = True  # SDKs before 1.9 exit at an unknown request: try the older protocol

    async def _serve(self, session: ServerSession, transport: Child | Endpoint) -> None:
        mode: ConnectMode = "legacy" if self._is_legacy else "auto"
        async with (
            Client(
                nullcontext((transport.incoming, transport)),
                mode=mode,
                cache=None,
                client_info=CLIENT,
                message_handler=self._on_message,
            ) as client,
            anyio.create_task_group() as tasks,
        ):
            transport.version = client.session.protocol_version or ""
            self._is_legacy = transport.version not in MODERN_PROTOCOL_VERSIONS
            session.scope.deadline = math.inf
            session.client_session, session.transport, session.tasks = client.session, transport, tasks
            session.is_started = True
            session.start_ended.set()
            if not self._is_legacy:
                tasks.start_soon(self._subscribe_to_changes, client)
            await transport.ended.wait()
            tasks.cancel_scope.cancel()

    async def _on_message(self, message: Any) -> None:
        if isinstance(message, ToolListChangedNotification):
            self._on_tools_changed()

    async def _subscribe_to_changes(self, client: Client) -> None:
        """Subscribe to tool changes, as protocol 2026 requires. The notifications arrive at `_on_message`."""
        with suppress(MCPError, SubscriptionLost):
            async with client.listen(tools_list_changed=True) as changes:
                async for _ in changes:
                    pass

    def _open_transport(self) -> AbstractAsyncContextManager[Child | Endpoint]:
        settings = self._settings
        if settings.command is None:
            headers = {name: value.get_secret_value() for name, value in settings.headers.items()}
            return connect(settings.url or "", headers)
        env = {name: value.get_secret_value() for name, value in settings.env.items()}
        return start_child(self.name, settings.command, list(settings.args), env)

    def _start_failure(self, transport: Child | Endpoint | None, error: Exception | None) -> Unreachable:
        last_failure = transport.last_failure if isinstance(transport, Endpoint) else Exchange()
        why = last_failure.problem or ("stopped" if error is None else _innermost_type(error))
        if last_failure.status in {401, 403}:
            return Unreachable(error=self._start_error(why), retry_after=RETRY_AFTER_ACCESS_DENIED, access_denied=True)
        return Unreachable(error=self._start_error(why), retry_after=last_failure.retry_after or self._reconnect_after)

    def _start_error(self, why: str) -> str:
        setting_names = "command, args and env" if self._settings.command else "url and headers"
        return f"MCP server {self.name!r} did not start ({why}): check its {setting_names} in ACP_MCP_SERVERS"


def _innermost_type(exc: BaseException) -> str:
    """The type name of the first error in nested groups. The error's message may contain the child's output."""
    while isinstance(exc, BaseExceptionGroup):
        exc = exc.exceptions[0]
    return type(exc).__name__
