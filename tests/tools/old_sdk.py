"""An MCP server on an old SDK. It runs in an environment of its own, so it imports nothing of ours."""

import asyncio
import os
import sys
from importlib.metadata import version
from typing import Any

from mcp import types as mcp_types
from mcp.server import Server
from mcp.server.stdio import stdio_server

types: Any = mcp_types
server: Any = Server("old")


async def list_tools() -> list[Any]:
    return [types.Tool(name="echo", description="", inputSchema={"type": "object"})]


async def call_tool(_: str, arguments: Any) -> list[Any]:
    if arguments["text"] == "die":
        os._exit(1)
    return [types.TextContent(type="text", text=f"{arguments['text']} from {version('mcp')}")]


server.list_tools()(list_tools)
server.call_tool()(call_tool)


async def main() -> None:
    with open(sys.argv[1], "a", encoding="utf-8") as starts:  # noqa: ASYNC230
        starts.write("started\n")
    async with stdio_server() as (read, write):
        await server.run(read, write, server.create_initialization_options())


asyncio.run(main())
