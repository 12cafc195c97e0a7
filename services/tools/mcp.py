"""Calls that leave over MCP: one long-lived session per named server, over stdio, shared by all calls.

Importing this module brings in the MCP SDK: 31 MB and half a second, more from a cold disk. `services.tools.providers`
waits with that until a call needs it.
"""

import asyncio
from collections.abc import Callable, Iterable, Mapping
from contextvars import Context
from datetime import timedelta
from functools import partial
from types import TracebackType
from typing import Any, Self, cast

import anyio
from mcp import ClientSession, MCPError
from mcp.types import (
    INVALID_PARAMS,
    METHOD_NOT_FOUND,
    MISSING_REQUIRED_CLIENT_CAPABILITY,
    UNSUPPORTED_PROTOCOL_VERSION,
    URL_ELICITATION_REQUIRED,
    CallToolRequest,
    CallToolRequestParams,
    CallToolResult,
    InputRequiredResult,
    PaginatedRequestParams,
    TextContent,
)
from pydantic import TypeAdapter, ValidationError

from services.errors import NotFound, NotReady
from services.tools import Failed, ListedTool, Outcome, Success, ToolCall, Unknown
from services.tools.answers import excerpt, json_body, one_line, storable, texts_in, valid_traceparent
from services.tools.mcp_server import Down, Server, ServerSettings

IDEMPOTENCY_KEY = "io.agent-control-plane/idempotency-key"
"""The request's `_meta` key under which servers find it."""

REFUSED = frozenset(
    {
        METHOD_NOT_FOUND,
        INVALID_PARAMS,  # also the answer to a tool the server does not have
        MISSING_REQUIRED_CLIENT_CAPABILITY,
        UNSUPPORTED_PROTOCOL_VERSION,
        URL_ELICITATION_REQUIRED,
    }
)
"""Errors by which the protocol turns a request away before the tool runs; the same request gets the same again.

Not INVALID_REQUEST and PARSE_ERROR: the SDK makes them up for answers that it cannot read, too.
"""
FORGOTTEN = frozenset({"session terminated", "session not found"})
"""What servers over HTTP, and the SDK for a plain 404, call a session that a restart has ended: no tool ran."""

HEALTHY_WITHIN = timedelta(seconds=10)
_MOST_PAGES = 100
_RESULT: TypeAdapter[CallToolResult | InputRequiredResult] = TypeAdapter(CallToolResult | InputRequiredResult)
_Answer = CallToolResult | InputRequiredResult | Exception | None
"""None when the session closed first."""


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
        """Call the tool once, within `call.timeout`, the server's start included."""
        deadline = asyncio.get_running_loop().time() + call.timeout.total_seconds()
        server = self._server(call.tool.config.get("server"))
        request = _request(call)
        if isinstance(server, Failed):
            return server
        if isinstance(request, Failed):
            return request
        try:
            async with asyncio.timeout_at(deadline):
                reached = await server.reach()
        except TimeoutError:
            error = f"MCP server {server.name!r} was not ready within {call.timeout.total_seconds():g} s"
            return Failed(error=one_line(error), retryable=True)
        if isinstance(reached, Down):
            return Failed(error=one_line(reached.error), retryable=True, retry_after=reached.retry_after)
        session, calls = reached
        answer: asyncio.Future[_Answer] = asyncio.get_running_loop().create_future()
        scope = anyio.CancelScope()
        calls.start_soon(_ask, session, request, answer, scope)
        try:
            async with asyncio.timeout_at(deadline):
                said = await answer
            if isinstance(said, MCPError) and said.code not in REFUSED:
                calls.start_soon(server.doubt, session)
            return _outcome(call, server.name, said)
        except TimeoutError:
            error = f"MCP server {server.name!r} gave no answer within {call.timeout.total_seconds():g} s"
            return Unknown(error=one_line(error))
        finally:
            scope.cancel()

    async def list_tools(self, server: str, *, within: timedelta = timedelta(seconds=30)) -> list[ListedTool]:
        """Every tool the named server offers now.

        Raises NotFound for a server that is not in the settings, NotReady when it does not start or answer.
        """
        found = self._server(server)
        if isinstance(found, Failed):
            raise NotFound(found.error)
        try:
            async with asyncio.timeout(within.total_seconds()):
                reached = await found.reach()
                if isinstance(reached, Down):
                    raise NotReady(reached.error)
                return await _all_tools(reached[0], server)
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


async def _ask(
    session: ClientSession, request: CallToolRequest, answer: asyncio.Future[_Answer], scope: anyio.CancelScope
) -> None:
    said: _Answer = None
    try:
        with scope:
            # Not session.call_tool: that goes on to check the result against a listing it may first have to fetch, and
            # by then the tool has run. A result of the wrong shape is still what the tool did.
            said = await session.send_request(request, _RESULT)
    except Exception as exc:  # it is this call's answer, and must not end its neighbours' session
        said = exc
    finally:
        if not answer.done():
            answer.set_result(said)


def _request(call: ToolCall) -> CallToolRequest | Failed:
    name = call.tool.config.get("tool", call.tool.tool_slug.partition("__")[2] or call.tool.tool_slug)
    if not isinstance(name, str) or not name:
        return _final("config.tool: the name of the server's tool")
    if json_body(call.arguments) is None:  # the SDK would find out while writing, and end the session of all calls
        return _final("arguments: they cannot be written as JSON")
    meta = {IDEMPOTENCY_KEY: str(call.envelope_id)}
    if traceparent := valid_traceparent(call.traceparent):
        meta["traceparent"] = traceparent
    params = CallToolRequestParams(name=name, arguments=dict(call.arguments), _meta=cast("Any", meta))
    return CallToolRequest(params=params)


def _outcome(call: ToolCall, server: str, answer: _Answer) -> Outcome:
    """What this answer means. Pure."""
    hidden = texts_in(call.arguments)
    match answer:
        case CallToolResult(is_error=False):
            return Success(result=_result(answer))
        case CallToolResult():
            # An answer, not a silence: the tool itself says that it failed, mostly over arguments, rights or a service
            # behind it. Unknown is for calls nobody can speak for, and would drown those in plain refusals. The tool
            # may still have failed half-way, so only one that honours the key is asked again; any other stops here,
            # in its own words, for a person.
            said = excerpt(" ".join(block.text for block in answer.content if isinstance(block, TextContent)), hidden)
            error = f"the tool said: {said}" if said else "the tool reported an error without saying which"
            again = call.tool.idempotent  # else part of the effect may stand, and only a person can tell
            return Failed(error=one_line(error), retryable=again, doubtful=not again)
        case InputRequiredResult():
            error = f"MCP server {server!r} asks for input in the middle of the call; nobody is there to give it"
            return Failed(error=error, retryable=False, doubtful=not call.tool.idempotent)
        case MCPError() if answer.message.casefold() in FORGOTTEN:
            return Failed(error=f"MCP server {server!r} does not know this session any more", retryable=True)
        case MCPError() if answer.code in REFUSED:
            return _final(f"MCP server {server!r} refused the call ({answer.code}): {excerpt(answer.message, hidden)}")
    return Unknown(error=one_line(f"MCP server {server!r} {_trouble(answer, hidden)}"))


def _trouble(answer: Exception | None, hidden: Iterable[str]) -> str:
    match answer:
        case None:
            return "was stopped during the call"
        case MCPError():
            return f"failed during the call ({answer.code}): {excerpt(answer.message, hidden)}"
        case _:
            return f"gave an unreadable answer ({type(answer).__name__})"


def _result(answer: CallToolResult) -> Any:
    if answer.structured_content is not None:
        return storable(answer.structured_content)
    return storable([block.model_dump(by_alias=True, mode="json", exclude_none=True) for block in answer.content])


async def _all_tools(session: ClientSession, server: str) -> list[ListedTool]:
    tools: list[ListedTool] = []
    cursor: str | None = None
    for _ in range(_MOST_PAGES):
        page = await session.list_tools(params=PaginatedRequestParams(cursor=cursor))
        tools += [
            ListedTool(
                name=tool.name,
                description=tool.description or "",
                schema=tool.input_schema,
                annotations=tool.annotations.model_dump(by_alias=True, exclude_none=True) if tool.annotations else {},
                config={"server": server, "tool": tool.name}
                | ({"output_schema": tool.output_schema} if tool.output_schema else {}),
            )
            for tool in page.tools
        ]
        cursor = page.next_cursor
        if cursor is None:
            return tools
    raise NotReady(f"MCP server {server!r} lists its tools on more than {_MOST_PAGES} pages")


def _final(error: str) -> Failed:
    return Failed(error=one_line(error), retryable=False)
