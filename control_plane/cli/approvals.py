"""`python -m control_plane approvals`: what waits for a person, and their word on it."""

import json
from dataclasses import replace
from typing import Annotated, Any
from uuid import UUID

import typer

from control_plane.cli.answers import backends, show_json, show_lines
from services.approvals import Approval
from services.catalog import ToolKey
from services.errors import NotFound
from services.process.terminal import run_async
from services.tools.redact import redacted

app = typer.Typer(no_args_is_help=True, help="List what waits for a person; approve or reject it.")

Envelope = Annotated[UUID, typer.Argument(metavar="ENVELOPE", help="Its id, as `list` shows it.")]
By = Annotated[str, typer.Option("--by", envvar="USER", help="Who decides; the audit log names them.")]
Digest = Annotated[
    str | None,
    typer.Option(help="Of the call you saw, as `list --json` shows it; else the call as it stands now is meant."),
]


@app.command("list", epilog="Example: python -m control_plane approvals list --tenant UUID")
def list_command(
    tenant: Annotated[UUID | None, typer.Option("--tenant", help="This tenant alone.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Answer as JSON on stdout.")] = False,
) -> None:
    """What waits for a person, the oldest first, with what would run, but for what the tool's schema calls secret."""
    waiting, shown = run_async(_list(tenant))
    if as_json:
        show_json([replace(a, envelope=replace(a.envelope, arguments=shown[a.id])) for a in waiting])
        return
    rows = [
        (
            a.envelope.id,
            a.envelope.tool_slug,
            f"expires {a.expires_at:%Y-%m-%d %H:%M} UTC",
            (json.dumps(shown[a.id], ensure_ascii=False), a.reason),
        )
        for a in waiting
    ]
    show_lines(rows, empty="nothing waits for a person")


@app.command(epilog="Example: python -m control_plane approvals approve ENVELOPE --by maria")
def approve(envelope: Envelope, reason: str | None = None, digest: Digest = None, by: By = "operator") -> None:
    """Let exactly this call run, once. The other guardrails judge it all the same."""
    run_async(_decide(envelope, "approved", by, reason, digest))
    print(f"approved {envelope}")


@app.command(epilog="Example: python -m control_plane approvals reject ENVELOPE --by maria --reason 'wrong account'")
def reject(envelope: Envelope, reason: str | None = None, digest: Digest = None, by: By = "operator") -> None:
    """Never run this call."""
    run_async(_decide(envelope, "rejected", by, reason, digest))
    print(f"rejected {envelope}")


async def _list(tenant: UUID | None) -> tuple[list[Approval], dict[UUID, Any]]:
    """What waits, and the arguments of each as they may be shown."""
    async with backends() as services:
        if tenant is not None:
            await services.outbox.status(tenant)  # an unknown tenant is a mistake, not an empty list
        waiting = await services.approvals.list_open(tenant)
        keys = {a.id: ToolKey(a.envelope.tenant_id, a.envelope.tool_slug, a.envelope.tool_version) for a in waiting}
        tools = await services.catalog.find(keys.values())
        schemas = {id_: tools[key].schema if key in tools else None for id_, key in keys.items()}
        return waiting, {a.id: redacted(a.envelope.arguments, schemas[a.id]) for a in waiting}


async def _decide(envelope: UUID, decision: str, by: str, reason: str | None, digest: str | None) -> None:
    async with backends() as services:
        waiting = await services.approvals.list_open(envelope=envelope)
        if not waiting:
            raise NotFound("approval", envelope, f"{envelope} has no pending approval", field="envelope")
        tenant, seen = waiting[0].envelope.tenant_id, waiting[0].digest
        await services.approvals.decide(
            tenant, envelope, decision=decision, digest=digest or seen, by=by, reason=reason
        )
