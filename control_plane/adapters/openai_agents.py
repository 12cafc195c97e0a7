"""OpenAI Agents SDK: replace a function tool by one that proposes its calls."""

import json
from dataclasses import replace
from typing import Any

from agents import FunctionTool
from agents.tool_context import ToolContext

from control_plane.adapters.calls import call_async, external_id
from control_plane.client import AsyncClient


def governed(
    tool: FunctionTool, client: AsyncClient, tool_slug: str, *, thread: str, wait_for: float | None = None
) -> FunctionTool:
    """A tool that looks the same to the model, but proposes its calls as `tool_slug` instead of running them.

    A restarted agent must use the same `thread` again, and the input that holds its call. `wait_for` is in seconds;
    None: without a limit.
    """

    async def propose(context: ToolContext[Any], arguments: str) -> str:
        key = external_id(thread, context.tool_call_id)
        return (await call_async(client, tool_slug, json.loads(arguments or "{}"), key, wait_for)).text

    return replace(tool, on_invoke_tool=propose)
