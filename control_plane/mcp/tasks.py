"""The extension `io.modelcontextprotocol/tasks`: a call that has not ended is a task with the id of the envelope.

This module has no state: each answer is read from the envelope, so any replica can answer, also after a restart. No
request of this extension decides about an approval. A task that waits for an approval is `working` and not
`input_required`, because the question is not for the agent.
"""

from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID

from mcp import MCPError
from mcp.server import Server, ServerRequestContext
from mcp.types import (
    INVALID_PARAMS,
    METHOD_NOT_FOUND,
    MISSING_REQUIRED_CLIENT_CAPABILITY,
    ClientCapabilities,
    MissingRequiredClientCapabilityErrorData,
    RequestParams,
)
from mcp.types.version import MODERN_PROTOCOL_VERSIONS
from pydantic import Field

from control_plane.mcp import answers
from services.envelope import OPEN_STATUSES, Status
from services.errors import NotFound
from services.explain import Explanation

EXTENSION = "io.modelcontextprotocol/tasks"
POLL_AFTER_MS = 1000
POLL_AFTER_MS_IF_A_PERSON_DECIDES = 5000

Context = ServerRequestContext[Any, Any]
Document = dict[str, Any]


class TaskParams(RequestParams):
    """The parameters of task requests. Input of `tasks/update` is ignored, because no task asks for input."""

    task_id: UUID = Field(alias="taskId")


Explain = Callable[[Context, UUID], Awaitable[Explanation]]
"""Explains an envelope of the caller's tenant. Raises NotFound."""
CancelIfPossible = Callable[[Context, UUID], Awaitable[None]]
"""Cancels an envelope of the caller's tenant if that is still possible. Raises NotFound."""


def are_declared(context: Context) -> bool:
    """Whether the client declared with this request that it supports tasks."""
    capabilities = context.session.client_capabilities
    extensions = (capabilities.extensions if capabilities else None) or {}
    return context.protocol_version in MODERN_PROTOCOL_VERSIONS and EXTENSION in extensions


def task_created(explanation: Explanation) -> Document:
    """The answer of `tools/call` for an envelope that has not ended: a task instead of a result."""
    return {"resultType": "task", **_task(explanation)}


def serve_tasks(server: Server[Any], explain: Explain, cancel_if_possible: CancelIfPossible) -> None:
    """Offer the extension, and answer its requests."""

    async def get_task(context: Context, params: TaskParams) -> Document:
        _require_declared(context)
        try:
            return _task_with_result(await explain(context, params.task_id))
        except NotFound as exc:
            raise _unknown_task_error() from exc

    async def update_task(context: Context, params: TaskParams) -> Document:
        await get_task(context, params)
        return {}

    async def cancel_task(context: Context, params: TaskParams) -> Document:
        _require_declared(context)
        try:
            await cancel_if_possible(context, params.task_id)
        except NotFound as exc:
            raise _unknown_task_error() from exc
        return {}

    server.extensions[EXTENSION] = {}
    server.add_request_handler("tasks/get", TaskParams, get_task)
    server.add_request_handler("tasks/update", TaskParams, update_task)
    server.add_request_handler("tasks/cancel", TaskParams, cancel_task)


def _task(explanation: Explanation) -> Document:
    envelope = explanation.envelope
    is_asked = envelope.status is Status.AWAITING_APPROVAL
    return {
        "taskId": str(envelope.id),
        "status": _status(envelope.status),
        "statusMessage": answers.reason(explanation),
        "createdAt": envelope.created_at.isoformat(),
        "lastUpdatedAt": envelope.updated_at.isoformat(),
        "ttlMs": None,
        "pollIntervalMs": POLL_AFTER_MS_IF_A_PERSON_DECIDES if is_asked else POLL_AFTER_MS,
    }


def _task_with_result(explanation: Explanation) -> Document:
    task = _task(explanation)
    if task["status"] == "completed":
        task["result"] = answers.outcome_answer(explanation).model_dump(mode="json", by_alias=True, exclude_none=True)
    return task


def _status(status: Status) -> str:
    """The status of the MCP task. If a call did not succeed, its task is `completed` and its result says so. The status
    `failed` is never used, because it means that a request failed."""
    if status in OPEN_STATUSES:
        return "working"
    return "cancelled" if status is Status.CANCELLED else "completed"


def _require_declared(context: Context) -> None:
    if context.protocol_version not in MODERN_PROTOCOL_VERSIONS:
        raise MCPError(METHOD_NOT_FOUND, "Method not found")
    if not are_declared(context):
        needed = MissingRequiredClientCapabilityErrorData(
            required_capabilities=ClientCapabilities(extensions={EXTENSION: {}})
        )
        raise MCPError(
            MISSING_REQUIRED_CLIENT_CAPABILITY, f"the request must declare the extension {EXTENSION}",
            data=needed.model_dump(mode="json", by_alias=True, exclude_none=True),
        )  # fmt: skip


def _unknown_task_error() -> MCPError:
    return MCPError(INVALID_PARAMS, "taskId: there is no such task")
