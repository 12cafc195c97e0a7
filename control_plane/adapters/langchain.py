"""LangChain and LangGraph: a middleware for `create_agent`."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from langchain.agents.middleware import AgentMiddleware, ToolCallRequest
from langchain_core.messages import ToolMessage

from control_plane.adapters.calls import Answer, call, call_async, external_id, slug_of
from control_plane.client import AsyncClient, Client


class Governed(AgentMiddleware):  # type: ignore[misc]  # checked without the framework
    """Proposes every tool call of the agent. `client` is a Client for `invoke`, an AsyncClient for `ainvoke`.

    `tools` names the tool_slug of each tool; a call of any other tool raises LookupError. The
    `external_id` of each call is made from the `thread_id` of the run's config and the call's id, so a restarted agent
    must use the same `thread_id`.
    """

    def __init__(
        self, client: Client | AsyncClient, tools: Mapping[str, str], *, wait_for: float | None = None
    ) -> None:
        super().__init__()
        self._client = client
        self._slugs = tools
        self._wait_for = wait_for

    def wrap_tool_call(self, request: ToolCallRequest, _handler: Callable[[ToolCallRequest], Any]) -> ToolMessage:
        """Called by the framework in place of the tool."""
        if not isinstance(self._client, Client):
            raise TypeError("invoke needs a Client; with an AsyncClient use ainvoke")
        return _message(request, call(self._client, *_call_of(request, self._slugs), self._wait_for))

    async def awrap_tool_call(
        self, request: ToolCallRequest, _handler: Callable[[ToolCallRequest], Awaitable[Any]]
    ) -> ToolMessage:
        """Called by the framework in place of the tool."""
        if not isinstance(self._client, AsyncClient):
            raise TypeError("ainvoke needs an AsyncClient; with a Client use invoke")
        return _message(request, await call_async(self._client, *_call_of(request, self._slugs), self._wait_for))


def _call_of(request: ToolCallRequest, slugs: Mapping[str, str]) -> tuple[str, dict[str, Any], str]:
    call_request = request.tool_call
    thread = str(request.runtime.config.get("configurable", {}).get("thread_id") or "")
    return slug_of(slugs, call_request["name"]), call_request["args"], external_id(thread, call_request["id"])


def _message(request: ToolCallRequest, answer: Answer) -> ToolMessage:
    return ToolMessage(
        answer.text, name=request.tool_call["name"], tool_call_id=request.tool_call["id"],
        status="success" if answer.succeeded else "error",
    )  # fmt: skip
