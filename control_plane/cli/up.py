"""`python -m control_plane up`: run API, worker and scheduler with one command."""

from typing import Annotated
from uuid import UUID

import typer

from control_plane.settings import read_settings
from services.distribution import API_EXTRA, require
from services.process.terminal import run_async


def up(
    host: Annotated[str, typer.Option("--host", help="Address of the API.")] = "127.0.0.1",
    port: Annotated[int, typer.Option("--port", min=0, max=65535, help="Port of the API; 0 picks a free one.")] = 8080,
    worker_port: Annotated[
        int, typer.Option("--worker-port", min=0, max=65535, help="Port of the worker's /healthz and /metrics.")
    ] = 9464,
    jobs_port: Annotated[
        int, typer.Option("--jobs-port", min=0, max=65535, help="Port of the scheduler's /healthz and /metrics.")
    ] = 9465,
    tenant: Annotated[
        UUID | None,
        typer.Option(
            "--tenant", help="Tenant of the printed tokens. By default a demo tenant in the embedded database."
        ),
    ] = None,
) -> None:
    """Run the API, a worker and the jobs over one database until Ctrl-C, and print URLs and tokens.

    If the three already run, prints their URL and exits. If one of them ends, the others are stopped, with an error
    that says why.
    """
    require(API_EXTRA)
    settings = read_settings()
    from control_plane.up.run import up as run_up  # noqa: PLC0415  # slow to import

    run_async(run_up(settings, host=host, port=port, worker_port=worker_port, jobs_port=jobs_port, tenant=tenant))
