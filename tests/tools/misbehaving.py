"""An MCP server that hangs, dies, refuses and floods. It reports events to the `Bell` at port argv[1]."""

import asyncio
import os
import socket
import sys
from typing import Any

from mcp.server.mcpserver import Context, MCPServer
from mcp.server.mcpserver.exceptions import ToolError
from mcp.shared.exceptions import MCPError
from mcp.types import INTERNAL_ERROR, CallToolResult, TextContent


def ring(word: str) -> None:
    with socket.create_connection(("127.0.0.1", int(sys.argv[1]))) as bell:
        bell.sendall(f"{os.getpid()} {word}".encode())


server = MCPServer("misbehaving")
PIPE = os.dup(1)  # the SDK is about to point 1 at stderr, so that a stray print cannot break the protocol


@server.tool()
async def hang() -> str:
    ring("hanging")
    try:
        await asyncio.Event().wait()
    finally:
        ring("let go")
    return "never"


@server.tool()
def die() -> str:
    os._exit(1)


@server.tool()
def refuse(reason: str) -> str:
    raise ToolError(f"no:\n{reason}")


@server.tool()
def break_inside() -> CallToolResult:
    raise MCPError(code=INTERNAL_ERROR, message="half of it is done")


@server.tool()
def look(value: Any, ctx: Context) -> dict[str, Any]:
    meta = {key: item for key, item in (ctx.request_context.meta or {}).items() if "modelcontextprotocol" not in key}
    quiet = os.path.samestat(os.fstat(2), os.stat(os.devnull))
    return {"value": value, "meta": meta, "env": sorted(os.environ), "stderr_goes_nowhere": quiet}


@server.tool()
def say(text: str, times: int = 1) -> CallToolResult:
    return CallToolResult(content=[TextContent(text=text * times)])


@server.tool()
async def change(ctx: Context) -> str:
    await ctx.notify_tools_changed()
    return "changed"


@server.tool()
def break_protocol() -> str:
    os.write(PIPE, b'{"this is": "not JSON-RPC", "secret": "hunter2"}\n')
    return "still here"


ring("started")
server.run("stdio")
