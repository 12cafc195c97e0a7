"""`python -m tests.tools.growing`: an MCP server with a tool `grow`, which adds a tool and reports the change."""

from mcp.server.mcpserver import Context, MCPServer

server = MCPServer("growing")
grown: list[str] = []


@server.tool()
async def grow(ctx: Context) -> str:
    grown.append(f"tool_{len(grown) + 1}")
    server.add_tool(lambda: "here", name=grown[-1], description="Came later.")
    await ctx.notify_tools_changed()
    return grown[-1]


if __name__ == "__main__":
    server.run()
