"""Calls that leave over MCP: one long-lived session per named server, over stdio, shared by all calls.

Importing this module brings in the MCP SDK: 31 MB and half a second, more from a cold disk. `services.tools.registry`
waits with that until a call needs it.
"""

import asyncio
from collections.abc import Callable, Mapping
from contextvars import Context
from datetime import timedelta
from functools import partial
from types import TracebackType
from typing import Any, Self

from mcp import ClientSession, MCPError
from mcp.types import PaginatedRequestParams, Tool
from pydantic import ValidationError

from services.catalog import ListedTool
from services.errors import NotFound, NotReady
from services.tools import Failed, Outcome, ToolCall
from services.tools.mcp.answers import outcome
from services.tools.mcp.server import Down, Server, ServerSettings
from services.tools.mcp.wire import Exchange
from services.untrusted import json_body, one_line, valid_traceparent

IDEMPOTENCY_KEY = "io.agent-control-plane/idempotency-key"
"""The request's `_meta` key under which servers find it."""

HEALTHY_WITHIN = timedelta(seconds=10)
_MOST_PAGES = 100


class McpProvider:
    """Tools behind MCP servers: `config.server` names one, `config.tool` its tool, else the slug's part after `__`.

    Use it as an async context manager; the servers' processes end with it.
    """

    def __init__(
        self,
        servers: Mapping[str, ServerSettings],
        *,
        start_within: timedelta = timedelta(seconds=30),
        cool_down: timedelta = timedelta(seconds=5),
        on_tools_changed: Callable[[str], None] | None = None,
    ) -> None:
        """A server that failed to start is not tried again before `cool_down` has passed.

        `on_tools_changed` is told the name of a server that says its tools have changed, for as long as a session with
        it is open: from the first call or listing on.
        """
        self._on_tools_changed = on_tools_changed or (lambda _: None)
        self._commands = servers
        self._start_within = start_within
        self._cool_down = cool_down
        self._servers: dict[str, Server] = {}
        self._opened = asyncio.Event()
        self._closing = asyncio.Event()
        self._owner: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        # The group that owns the children lives in a task of its own: a group binds itself to the task that opens it,
        # and that may be a short-lived attempt.
        self._owner = asyncio.create_task(self._own_servers(), name="mcp servers", context=Context())
        await self._opened.wait()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, exc: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._closing.set()
        if self._owner is not None:
            await self._owner

    async def execute(self, call: ToolCall) -> Outcome:
        """Call the tool once, within `call.timeout`, the server's start included.

        A call that found its session lost goes again in a new one, once: nothing was done with it.
        """
        deadline = asyncio.get_running_loop().time() + call.timeout.total_seconds()
        server = self._server(call.tool.config.get("server"))
        params = _params(call)
        if isinstance(server, Failed):
            return server
        if isinstance(params, Failed):
            return params
        exchange = await self._exchange(server, call, params, deadline)
        if isinstance(exchange, Exchange) and (exchange.lost_session or not exchange.left):
            exchange = await self._exchange(server, call, params, deadline)
        return outcome(call, server.name, exchange) if isinstance(exchange, Exchange) else exchange

    async def _exchange(
        self, server: Server, call: ToolCall, params: Mapping[str, Any], deadline: float
    ) -> Exchange | Failed:
        within = f"within {call.timeout.total_seconds():g} s"
        try:
            async with asyncio.timeout_at(deadline):
                reached = await server.reach()
        except TimeoutError:
            return Failed(error=one_line(f"MCP server {server.name!r} was not ready {within}"), retryable=True)
        if isinstance(reached, Down):
            return Failed(
                error=one_line(reached.error), retryable=True, retry_after=reached.retry_after, held=reached.is_closed
            )
        exchange, wire, heard = Exchange(), reached.wire, reached.wire.heard
        try:
            async with asyncio.timeout_at(deadline):
                await wire.call(params, exchange, schema=call.tool.schema)
                if exchange.status == 400 or (exchange.lost_session and exchange.answer is not None):
                    exchange.lost_session = not await wire.knows_us()
        except TimeoutError:
            exchange.problem = f"gave no answer {within}" if exchange.left else f"was not reached {within}"
            reached.doubt(heard)
        finally:
            if reached.over or exchange.lost_session or not exchange.left:
                reached.retire()
        return exchange

    async def list_tools(self, server: str, *, within: timedelta = timedelta(seconds=30)) -> list[ListedTool]:
        """Every tool the named server offers now.

        Raises NotFound for a server that is not in the settings, NotReady when it does not start or answer.
        """
        found = self._server(server)
        if isinstance(found, Failed):
            raise NotFound("source", server, f"ACP_MCP_SERVERS has no server named {server!r}")
        try:
            async with asyncio.timeout(within.total_seconds()):
                reached = await found.reach()
                if isinstance(reached, Down):
                    raise NotReady(reached.error)
                return await _all_tools(reached.session, server)
        except TimeoutError as exc:
            raise NotReady(f"MCP server {server!r} did not list its tools within {within.total_seconds():g} s") from exc
        except ValidationError as exc:  # the SDK takes a listing whole or not at all
            where = ".".join(str(part) for part in exc.errors(include_url=False, include_input=False)[0]["loc"])
            problem = f"MCP server {server!r} did not list its tools: {where} breaks the protocol; tell who keeps it"
            raise NotReady(one_line(problem)) from exc
        except (MCPError, ValueError) as exc:
            raise NotReady(f"MCP server {server!r} did not list its tools ({type(exc).__name__})") from exc

    async def health(self, server: str) -> str | None:
        """None when the server lists its tools, else what is wrong."""
        try:
            await self.list_tools(server, within=HEALTHY_WITHIN)
        except (NotFound, NotReady) as exc:
            return str(exc)
        return None

    async def _own_servers(self) -> None:
        async with asyncio.TaskGroup() as lives:
            self._servers = {
                name: Server(
                    name, command, start_within=self._start_within, cool_down=self._cool_down, lives=lives,
                    on_tools_changed=partial(self._on_tools_changed, name),
                )
                for name, command in self._commands.items()
            }  # fmt: skip
            self._opened.set()
            await self._closing.wait()
            for server in self._servers.values():
                server.stop()

    def _server(self, name: Any) -> Server | Failed:
        if not isinstance(name, str):
            return _final("config.server: the tool must name a server in ACP_MCP_SERVERS")
        if name not in self._commands:
            return _final(f"config.server: ACP_MCP_SERVERS has no server named {name!r}")
        if self._closing.is_set() or name not in self._servers:
            return Failed(error="the MCP provider is not running", retryable=True)
        return self._servers[name]


def _params(call: ToolCall) -> Mapping[str, Any] | Failed:
    name = call.tool.config.get("tool", call.tool.tool_slug.partition("__")[2] or call.tool.tool_slug)
    if not isinstance(name, str) or not name:
        return _final("config.tool: the name of the server's tool")
    if json_body(call.arguments) is None:
        return _final("arguments: they cannot be written as JSON")
    meta = {IDEMPOTENCY_KEY: str(call.envelope_id)}
    if traceparent := valid_traceparent(call.traceparent):
        meta["traceparent"] = traceparent
    return {"name": name, "arguments": dict(call.arguments), "_meta": meta}


def listed(tool: Tool, server: str) -> ListedTool:
    """All that a server says of a tool and that anybody here goes by; its icons and `_meta` nobody reads."""
    return ListedTool(
        name=tool.name,
        title=tool.title or "",
        description=tool.description or "",
        schema=tool.input_schema,
        output_schema=tool.output_schema or {},
        task_support=(tool.execution and tool.execution.task_support) or "",
        annotations=tool.annotations.model_dump(by_alias=True, exclude_none=True) if tool.annotations else {},
        config={"server": server, "tool": tool.name},
    )


async def _all_tools(session: ClientSession, server: str) -> list[ListedTool]:
    tools: list[ListedTool] = []
    cursor: str | None = None
    for _ in range(_MOST_PAGES):
        page = await session.list_tools(params=PaginatedRequestParams(cursor=cursor))
        tools += [listed(tool, server) for tool in page.tools]
        cursor = page.next_cursor
        if cursor is None:
            return tools
    raise NotReady(f"MCP server {server!r} lists its tools on more than {_MOST_PAGES} pages")


def _final(error: str) -> Failed:
    return Failed(error=one_line(error), retryable=False)
