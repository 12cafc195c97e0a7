"""The MCP tool of faxes."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from mcp.types import CallToolResult, TextContent, Tool

from control_plane.mcp.tools import ApplicationTool
from services.api_tokens import TokenScope
from services.backends import Backends


async def count_faxes(_backends: Backends, tenant: UUID, arguments: Mapping[str, Any]) -> CallToolResult:
    return CallToolResult(content=[TextContent(type="text", text=f"{tenant} {dict(arguments)}")])


TOOLS = (ApplicationTool(Tool(name="count_faxes", input_schema={"type": "object"}), TokenScope.READ, count_faxes),)
