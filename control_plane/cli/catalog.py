"""`python -m control_plane catalog`: which tools a tenant has."""

from typing import Annotated
from uuid import UUID

import typer

from control_plane.cli.answers import backends, show_json, show_lines
from services.catalog import Tool
from services.terminal import run_async

app = typer.Typer(no_args_is_help=True, help="List a tenant's tools.")


@app.callback()
def _noun() -> None:
    """`list` stays a word of its own."""


@app.command("list", epilog="Example: python -m control_plane catalog list --tenant UUID")
def list_command(
    tenant: Annotated[UUID, typer.Option("--tenant", help="Whose tools.")],
    as_json: Annotated[bool, typer.Option("--json", help="Answer as JSON on stdout.")] = False,
) -> None:
    """Every version of every tool, the newest first."""

    async def ask() -> list[Tool]:
        async with backends() as services:
            await services.outbox.status(tenant)  # an unknown tenant is a mistake, not an empty catalog
            return await services.catalog.list_tools(tenant)

    tools = run_async(ask())
    if as_json:
        show_json(tools)
        return
    rows = [
        (
            t.tool_slug,
            f"version {t.version}",
            f"{t.risk} risk",
            t.provider,
            "idempotent" if t.idempotent else "",
            ", ".join(t.required_scopes),
        )
        for t in tools
    ]
    show_lines(rows, empty="no tools")
