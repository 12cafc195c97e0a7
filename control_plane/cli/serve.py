"""`python -m control_plane serve`: the HTTP API."""

from typing import TYPE_CHECKING, Annotated

import typer

from control_plane.settings import read_settings
from services.distribution import API_EXTRA, CONSOLE_EXTRA, is_installed, require
from services.process.terminal import run_async

if TYPE_CHECKING:
    from fastapi import FastAPI


def serve(
    host: Annotated[str, typer.Option("--host", help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option("--port", min=0, max=65535, help="Port; 0 picks a free one.")] = 8080,
) -> None:
    """Serve the HTTP API, MCP under /mcp and the console under /console, until Ctrl-C.

    Callers need a JWT of the Supabase project, or an API token.
    """
    require(API_EXTRA)
    from control_plane.api.serve import serve as serve_api  # noqa: PLC0415  # other commands need no web framework
    from control_plane.mcp.http import mount  # noqa: PLC0415
    from services.process.logs import configure_logging  # noqa: PLC0415

    configure_logging()
    settings = read_settings()
    authorization_server = f"{settings.supabase_url}/auth/v1" if settings.supabase_url else None

    def add_doors(app: "FastAPI") -> None:
        mount(app, catalog_tools=settings.mcp_catalog_tools, authorization_server=authorization_server)
        if is_installed(CONSOLE_EXTRA):
            from control_plane.console.app import mount as mount_console  # noqa: PLC0415
            from control_plane.console.supabase_auth import SupabaseAuth  # noqa: PLC0415

            url, key = settings.supabase_url, settings.publishable_key_text
            supabase_auth = SupabaseAuth(url, key) if url and key else None
            mount_console(app, supabase_auth=supabase_auth, trace_url=settings.trace_url)

    run_async(serve_api(settings, host=host, port=port, add_doors=add_doors))
