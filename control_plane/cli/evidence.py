"""`python -m control_plane evidence`: what scans read through a tenant's accounts."""

import json
from typing import Annotated
from uuid import UUID

import typer

from control_plane.cli.answers import backends, show_json, show_lines
from services.evidence import Evidence, Signal
from services.process.terminal import run_async

app = typer.Typer(no_args_is_help=True, help="Show what scans read: evidence, and what each tool said last.")

TenantId = Annotated[UUID, typer.Option("--tenant", help="Whose.")]
AsJson = Annotated[bool, typer.Option("--json", help="Answer as JSON on stdout.")]
SHOWN = 160
"""Characters of an answer on a terminal."""


@app.command("list", epilog="Example: python -m control_plane evidence list --tenant UUID")
def list_command(
    tenant: TenantId,
    limit: Annotated[int, typer.Option(min=1, max=1000, help="At most so many.")] = 20,
    as_json: AsJson = False,
) -> None:
    """What was seen last first, with the id and the hash that a proposal names it by."""

    async def ask() -> list[Evidence]:
        async with backends() as services:
            await services.tenants.get(tenant)  # an unknown tenant is a mistake, not an empty list
            return await services.evidence.list_evidence(tenant, limit=limit)

    kept = run_async(ask())
    if as_json:
        show_json(kept)
        return
    rows = [(e.id, e.tool_slug, f"seen {e.seen_at:%Y-%m-%d %H:%M} UTC", e.sha256, (_cut(e.content),)) for e in kept]
    show_lines(rows, empty="no evidence")


@app.command(epilog="Example: python -m control_plane evidence signals --tenant UUID")
def signals(tenant: TenantId, as_json: AsJson = False) -> None:
    """What each tool said last, in short, and since when."""

    async def ask() -> list[Signal]:
        async with backends() as services:
            await services.tenants.get(tenant)
            return await services.evidence.list_signals(tenant)

    said = run_async(ask())
    if as_json:
        show_json(said)
        return
    rows = [(s.tool_slug, f"since {s.changed_at:%Y-%m-%d %H:%M} UTC", _cut(s.value), s.evidence_id) for s in said]
    show_lines(rows, empty="no signals")


def _cut(value: object) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= SHOWN else text[: SHOWN - 1] + "…"
