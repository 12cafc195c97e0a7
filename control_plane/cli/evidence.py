"""`python -m control_plane evidence`: the evidence and signals that scans have collected."""

import json
from typing import Annotated

import typer

from control_plane.cli.options import AsJson, Tenant, backends
from control_plane.cli.output import show_json, show_lines
from services.evidence import Evidence, Signal
from services.process.terminal import run_async

app = typer.Typer(no_args_is_help=True, help="List the evidence and signals that scans have collected.")

MAX_WIDTH = 160
"""Characters of an answer that are printed."""


@app.command("list", epilog="Example: python -m control_plane evidence list --tenant UUID")
def list_command(
    tenant: Tenant,
    limit: Annotated[int, typer.Option(min=1, max=1000, help="Maximum number of rows.")] = 20,
    as_json: AsJson = False,
) -> None:
    """List evidence with the id and hash that proposals cite, the most recently seen first."""

    async def read() -> list[Evidence]:
        async with backends() as services:
            await services.tenants.get(tenant)  # raises NotFound for an unknown tenant
            return await services.evidence.list_evidence(tenant, limit=limit)

    evidence = run_async(read())
    if as_json:
        show_json(evidence)
        return
    rows = [
        (e.id, e.tool_slug, f"seen {e.seen_at:%Y-%m-%d %H:%M} UTC", e.sha256, (_shorten_json(e.content),))
        for e in evidence
    ]
    show_lines(rows, empty="no evidence")


@app.command(epilog="Example: python -m control_plane evidence signals --tenant UUID")
def signals(tenant: Tenant, as_json: AsJson = False) -> None:
    """List a summary of each tool's latest reading, and since when it has been the same."""

    async def read() -> list[Signal]:
        async with backends() as services:
            await services.tenants.get(tenant)
            return await services.evidence.list_signals(tenant)

    latest = run_async(read())
    if as_json:
        show_json(latest)
        return
    rows = [
        (s.tool_slug, f"since {s.changed_at:%Y-%m-%d %H:%M} UTC", _shorten_json(s.value), s.evidence_id) for s in latest
    ]
    show_lines(rows, empty="no signals")


def _shorten_json(value: object) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= MAX_WIDTH else text[: MAX_WIDTH - 1] + "…"
