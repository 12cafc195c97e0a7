"""`python -m control_plane serve`: the HTTP API."""

from typing import Annotated

import typer

from control_plane.settings import read_settings
from services.distribution import API, require
from services.process.terminal import run_async


def serve(
    host: Annotated[str, typer.Option("--host", help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option("--port", min=0, max=65535, help="Port; 0 picks a free one.")] = 8080,
) -> None:
    """Serve the HTTP API until Ctrl-C. Callers need a JWT of the project, or an API token."""
    require(API)
    from control_plane.api.serve import serve as serve_api  # noqa: PLC0415  # other commands need no web framework
    from services.process.logs import configure_logging  # noqa: PLC0415

    configure_logging()
    run_async(serve_api(read_settings(), host=host, port=port))
