"""pydantic-ai: a toolset that proposes the calls of another toolset."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from pydantic_ai import RunContext
from pydantic_ai.toolsets import ToolsetTool, WrapperToolset
from pydantic_core import to_jsonable_python

from control_plane.adapters.calls import call_async, external_id, slug_of
from control_plane.client import AsyncClient


@dataclass
class Governed(WrapperToolset[Any]):  # type: ignore[misc]  # checked without the framework
    """Proposes every call of the tools of `wrapped`.

    A restarted agent must use the same `thread` again, and the message history that holds its call.
    """

    client: AsyncClient = field(kw_only=True)
    tools: Mapping[str, str] = field(kw_only=True)
    """The tool_slug of each tool. A call of any other tool raises LookupError."""
    thread: str = field(kw_only=True)
    wait_for: float | None = field(default=None, kw_only=True)
    """Seconds; None: without a limit."""

    async def call_tool(
        self, name: str, tool_args: dict[str, Any], ctx: RunContext[Any], tool: ToolsetTool[Any]
    ) -> str:
        """Called by the framework in place of the tool."""
        del tool
        key = external_id(self.thread, ctx.tool_call_id)
        arguments = to_jsonable_python(tool_args)
        return (await call_async(self.client, slug_of(self.tools, name), arguments, key, self.wait_for)).text
