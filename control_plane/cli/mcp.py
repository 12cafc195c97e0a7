"""`python -m control_plane mcp`: MCP for one agent over stdio."""

from control_plane.settings import read_settings
from services.distribution import API_EXTRA, require
from services.process.logs import configure_logging
from services.process.terminal import run_async


def mcp() -> None:
    """Serve MCP on stdin and stdout, for one agent. Its token in ACP_API_TOKEN names the tenant."""
    require(API_EXTRA)
    from control_plane.mcp.stdio import serve_stdio  # noqa: PLC0415  # other commands need no MCP

    configure_logging()
    run_async(serve_stdio(read_settings()))
