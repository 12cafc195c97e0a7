"""The MCP server: which tools a caller has, and what a failed call answers. It has no state between calls."""

from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID

import structlog
from mcp import MCPError
from mcp.server import Server, ServerRequestContext
from mcp.server.context import CallNext, HandlerResult
from mcp.types import (
    INTERNAL_ERROR,
    INVALID_PARAMS,
    CallToolRequestParams,
    ListToolsResult,
    PaginatedRequestParams,
)
from pydantic import ValidationError

from control_plane.api.identity import Principal
from control_plane.api.problems import NOT_READY, UNEXPECTED, status_of
from control_plane.mcp import tasks
from control_plane.mcp.answers import refusal_answer
from control_plane.mcp.calls import Answer, Calls
from control_plane.mcp.tasks import serve_tasks
from control_plane.mcp.tools import as_itself, own_tools
from services.distribution import VERSION
from services.errors import ControlPlaneError, NotReady
from services.explain import Explanation
from services.follow_audit_log import AuditFeed

Context = ServerRequestContext[Any, Any]
Identify = Callable[[Context], Awaitable[Principal]]
"""Identifies the sender of a request. Raises NotAuthenticated."""

INSTRUCTIONS = (
    "You do not call tools here, you propose calls. search_catalog finds tools; propose proposes one call;  "
    "await_outcome waits for its result. A person may have to approve a call, which can take hours: explain tells why "
    "it waits. You cannot approve anything."
)
FAILED = "the server failed; its log has the reason"

log = structlog.get_logger("mcp")


def build_server(identify: Identify, *, feed: AuditFeed, catalog_tools: bool) -> Server[Any]:
    """A server for callers that `identify` knows. `feed` signals changes of envelopes.

    With `catalog_tools`, each tool of the catalog is an MCP tool too.
    """

    async def calls_of(context: Context) -> Calls:
        async def progress(seconds: float, state: str) -> None:
            await context.session.report_progress(round(seconds, 1), message=state)

        traceparent = (context.meta or {}).get("traceparent")
        return Calls(
            await identify(context), feed=feed,
            traceparent=traceparent if isinstance(traceparent, str) else None, progress=progress,
            as_task=tasks.are_declared(context),
        )  # fmt: skip

    async def list_tools(context: Context, _: PaginatedRequestParams | None) -> ListToolsResult:
        calls = await calls_of(context)
        listed = own_tools()
        if catalog_tools:
            listed += [as_itself(tool) for tool in await calls.callable_tools()]
        return ListToolsResult(tools=sorted(listed, key=lambda tool: tool.name))

    async def call_tool(context: Context, params: CallToolRequestParams) -> Answer:
        try:
            calls = await calls_of(context)
            result = await calls.call(params.name, params.arguments or {})
            if result is None and catalog_tools:
                result = await calls.call_catalog_tool(params.name, params.arguments or {})
        except NotReady as exc:
            log.warning("mcp.not_ready", tool=params.name, reason=str(exc))
            return refusal_answer(NOT_READY)
        except ControlPlaneError as exc:
            if status_of(exc) == UNEXPECTED:
                raise
            return refusal_answer(str(exc))
        if result is None:
            raise MCPError(INVALID_PARAMS, "name: there is no such tool")
        return result

    async def explain(context: Context, envelope_id: UUID) -> Explanation:
        return await (await calls_of(context)).explain(envelope_id)

    async def cancel_if_possible(context: Context, envelope_id: UUID) -> None:
        await (await calls_of(context)).cancel_if_possible(envelope_id)

    server: Server[Any] = Server(
        "agent-control-plane", version=VERSION, instructions=INSTRUCTIONS, on_list_tools=list_tools
    )
    server.add_request_handler("tools/call", CallToolRequestParams, call_tool)
    serve_tasks(server, explain, cancel_if_possible)
    server.middleware.append(_contain_failures)
    return server


async def _contain_failures(ctx: Context, call_next: CallNext) -> HandlerResult:
    """Answer an unexpected error without its text, which the SDK would send to some clients."""
    try:
        return await call_next(ctx)
    except MCPError:
        raise
    except ValidationError:  # the parameters are invalid: the SDK answers without repeating them
        raise
    except NotReady as exc:
        raise MCPError(INTERNAL_ERROR, NOT_READY) from exc
    except Exception as exc:
        if isinstance(exc, ControlPlaneError) and status_of(exc) != UNEXPECTED:
            raise MCPError(INTERNAL_ERROR, str(exc)) from exc
        log.exception("mcp.failed", method=ctx.method)
        raise MCPError(INTERNAL_ERROR, FAILED) from exc
