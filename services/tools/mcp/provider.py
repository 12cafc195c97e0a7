"""Calls sent over MCP, by stdio or streamable HTTP: one long-lived session per server, shared by all calls.

Importing this module loads the MCP SDK (31 MB, half a second, more from a cold disk), so `services.tools.dispatch`
imports it at the first call that needs it.
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
from services.tools.mcp import McpServer
from services.tools.mcp.answers import outcome
from services.tools.mcp.server import Server, Unreachable
from services.tools.mcp.wire import Exchange
from services.untrusted import json_body, one_line, valid_traceparent

IDEMPOTENCY_KEY = "io.agent-control-plane/idempotency-key"
"""The key in the `_meta` of a request that holds the idempotency key."""

HEALTH_TIMEOUT = timedelta(seconds=10)
_MAX_PAGES = 100


class McpProvider:
    """Tools behind MCP servers: `config.server` names the server, `config.tool` its tool.

    Without `config.tool` the tool's name is the part of the slug after `__`. An async context manager: its exit ends
    the servers' processes.
    """

    def __init__(
        self,
        servers: Mapping[str, McpServer],
        *,
        start_within: timedelta = timedelta(seconds=30),
        reconnect_after: timedelta = timedelta(seconds=5),
        on_tools_changed: Callable[[str], None] | None = None,
    ) -> None:
        """A server that failed to start is not started again before `reconnect_after` has passed.

        `on_tools_changed` is called with the name of a server that reports a change of its tools. Servers report only
        while a session is open: from the first call or listing on.
        """
        self._on_tools_changed = on_tools_changed or (lambda _: None)
        self._settings = servers
        self._start_within = start_within
        self._reconnect_after = reconnect_after
        self._servers: dict[str, Server] = {}
        self._is_ready = asyncio.Event()
        self._closing = asyncio.Event()
        self._server_task: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        # The task group of the servers is opened in a task of its own: a group belongs to the task that opens it, and
        # the current task may be a short-lived attempt.
        self._server_task = asyncio.create_task(self._run_servers(), name="mcp servers", context=Context())
        await self._is_ready.wait()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, exc: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._closing.set()
        if self._server_task is not None:
            await self._server_task

    async def execute(self, call: ToolCall) -> Outcome:
        """Call the tool once, within `call.timeout`, the server's start included.

        A call that the server did not accept, because its session was lost, is sent once more in a new session.
        """
        deadline = asyncio.get_running_loop().time() + call.timeout.total_seconds()
        server = self._find_server(call.tool.config.get("server"))
        params = _call_params(call)
        if isinstance(server, Failed):
            return server
        if isinstance(params, Failed):
            return params
        exchange = await self._send_call(server, call, params, deadline)
        if isinstance(exchange, Exchange) and (exchange.session_lost or not exchange.maybe_sent):
            exchange = await self._send_call(server, call, params, deadline)
        return outcome(call, server.name, exchange) if isinstance(exchange, Exchange) else exchange

    async def _send_call(
        self, server: Server, call: ToolCall, params: Mapping[str, Any], deadline: float
    ) -> Exchange | Failed:
        within = f"within {call.timeout.total_seconds():g} s"
        try:
            async with asyncio.timeout_at(deadline):
                session = await server.open_session()
        except TimeoutError:
            return Failed(error=one_line(f"MCP server {server.name!r} was not ready {within}"), retryable=True)
        if isinstance(session, Unreachable):
            return Failed(
                error=one_line(session.error),
                retryable=True,
                retry_after=session.retry_after,
                held=session.access_denied,
            )
        exchange, transport, received_messages = Exchange(), session.transport, session.transport.received_messages
        try:
            async with asyncio.timeout_at(deadline):
                await transport.call(params, exchange, schema=call.tool.schema)
                if exchange.status == 400 or (exchange.session_lost and exchange.answer is not None):
                    exchange.session_lost = not await transport.ping_session()
        except TimeoutError:
            exchange.problem = f"gave no answer {within}" if exchange.maybe_sent else f"was not reached {within}"
            session.ping_if_silent(received_messages)
        finally:
            if session.is_retired or exchange.session_lost or not exchange.maybe_sent:
                session.retire()
        return exchange

    async def list_tools(self, server: str, *, within: timedelta = timedelta(seconds=30)) -> list[ListedTool]:
        """Every tool that the server offers now.

        Raises NotFound for a server that is not in the settings, NotReady when it does not start or answer.
        """
        server_or_failure = self._find_server(server)
        if isinstance(server_or_failure, Failed):
            raise NotFound("source", server, f"ACP_MCP_SERVERS has no server named {server!r}")
        try:
            async with asyncio.timeout(within.total_seconds()):
                session = await server_or_failure.open_session()
                if isinstance(session, Unreachable):
                    raise NotReady(session.error)
                return await _list_all_pages(session.client_session, server)
        except TimeoutError as exc:
            raise NotReady(f"MCP server {server!r} did not list its tools within {within.total_seconds():g} s") from exc
        except ValidationError as exc:  # the SDK rejects the whole listing for one invalid tool
            where = ".".join(str(part) for part in exc.errors(include_url=False, include_input=False)[0]["loc"])
            problem = f"{where} violates the protocol: report it to the maintainer of the server"
            raise NotReady(one_line(f"MCP server {server!r} did not list its tools: {problem}")) from exc
        except (MCPError, ValueError) as exc:
            raise NotReady(f"MCP server {server!r} did not list its tools ({type(exc).__name__})") from exc

    async def health(self, server: str) -> str | None:
        """None when the server lists its tools, else one line with the problem."""
        try:
            await self.list_tools(server, within=HEALTH_TIMEOUT)
        except (NotFound, NotReady) as exc:
            return str(exc)
        return None

    async def _run_servers(self) -> None:
        async with asyncio.TaskGroup() as task_group:
            self._servers = {
                name: Server(
                    name, settings, start_within=self._start_within, reconnect_after=self._reconnect_after,
                    task_group=task_group,
                    on_tools_changed=partial(self._on_tools_changed, name),
                )
                for name, settings in self._settings.items()
            }  # fmt: skip
            self._is_ready.set()
            await self._closing.wait()
            for server in self._servers.values():
                server.stop()

    def _find_server(self, name: Any) -> Server | Failed:
        if not isinstance(name, str):
            return _permanent_failure("config.server: the tool must name a server in ACP_MCP_SERVERS")
        if name not in self._settings:
            return _permanent_failure(f"config.server: ACP_MCP_SERVERS has no server named {name!r}")
        if self._closing.is_set() or name not in self._servers:
            return Failed(error="the MCP provider is not running", retryable=True)
        return self._servers[name]


def _call_params(call: ToolCall) -> Mapping[str, Any] | Failed:
    name = call.tool.config.get("tool", call.tool.tool_slug.partition("__")[2] or call.tool.tool_slug)
    if not isinstance(name, str) or not name:
        return _permanent_failure("config.tool: must be the name of a tool of the server")
    if json_body(call.arguments) is None:
        return _permanent_failure("arguments: cannot be written as JSON")
    meta = {IDEMPOTENCY_KEY: str(call.envelope_id)}
    if traceparent := valid_traceparent(call.traceparent):
        meta["traceparent"] = traceparent
    return {"name": name, "arguments": dict(call.arguments), "_meta": meta}


def listed_tool(tool: Tool, server: str) -> ListedTool:
    """The fields of a tool that the catalog uses; icons and `_meta` are left out."""
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


async def _list_all_pages(session: ClientSession, server: str) -> list[ListedTool]:
    tools: list[ListedTool] = []
    cursor: str | None = None
    for _ in range(_MAX_PAGES):
        page = await session.list_tools(params=PaginatedRequestParams(cursor=cursor))
        tools += [listed_tool(tool, server) for tool in page.tools]
        cursor = page.next_cursor
        if cursor is None:
            return tools
    raise NotReady(f"MCP server {server!r} lists its tools on more than {_MAX_PAGES} pages")


def _permanent_failure(error: str) -> Failed:
    return Failed(error=one_line(error), retryable=False)
