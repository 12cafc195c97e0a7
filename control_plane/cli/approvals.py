"""`python -m control_plane approvals`: what waits for a person, and their word on it."""

import json
from typing import Annotated
from uuid import UUID

import typer

from control_plane.cli.answers import backends, operator, show_json, show_lines
from services.approvals import Approval, ApprovalDecision
from services.decide_approval import decide_approval, list_approvals
from services.process.terminal import run_async

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

    async def ask() -> list[Approval]:
        async with backends() as services:
            return await list_approvals(services, tenant)

    waiting = run_async(ask())
    if as_json:
        show_json(waiting)
        return
    rows = [
        (
            a.envelope.id,
            a.envelope.tool_slug,
            f"expires {a.expires_at:%Y-%m-%d %H:%M} UTC",
            (json.dumps(a.envelope.arguments, ensure_ascii=False), a.reason),
        )
        for a in waiting
    ]
    show_lines(rows, empty="nothing waits for a person")


@app.command(epilog="Example: python -m control_plane approvals approve ENVELOPE --by maria")
def approve(envelope: Envelope, reason: str | None = None, digest: Digest = None, by: By = "operator") -> None:
    """Let exactly this call run, once. The other guardrails judge it all the same."""
    run_async(_decide(envelope, ApprovalDecision.APPROVED, by, reason, digest))
    print(f"approved {envelope}")


@app.command(epilog="Example: python -m control_plane approvals reject ENVELOPE --by maria --reason 'wrong account'")
def reject(envelope: Envelope, reason: str | None = None, digest: Digest = None, by: By = "operator") -> None:
    """Never run this call."""
    run_async(_decide(envelope, ApprovalDecision.REJECTED, by, reason, digest))
    print(f"rejected {envelope}")


async def _decide(envelope: UUID, decision: ApprovalDecision, by: str, reason: str | None, digest: str | None) -> None:
    async with backends() as services:
        await decide_approval(services, envelope, decision=decision, digest=digest, reason=reason, actor=operator(by))
