"""`python -m tests.tools.changing FILE`: an MCP server with one tool, whose path is of the type that FILE says now."""

import sys
from pathlib import Path
from typing import Any

from mcp.server.mcpserver import MCPServer
from mcp.types import ToolAnnotations

server = MCPServer("changing")
TYPES: dict[str, Any] = {"string": str, "either": str | int}


def read(path: Any) -> dict[str, Any]:
    """Reads a file."""
    return {"path": path}


if __name__ == "__main__":
    read.__annotations__["path"] = TYPES[Path(sys.argv[1]).read_text(encoding="utf-8")]
    server.add_tool(read, annotations=ToolAnnotations(read_only_hint=True))
    server.run()
