"""`python -m control_plane approvals`: the calls that need an approval, and the decisions about them."""

import json
from typing import Annotated
from uuid import UUID

import typer

from control_plane.cli.options import AnyTenant, AsJson, By, Reason, backends, operator
from control_plane.cli.output import show_json, show_lines
from services.approvals import Approval, ApprovalDecision, RejectionCode
from services.decide_approval import decide_approval, list_approvals
from services.process.terminal import run_async

app = typer.Typer(no_args_is_help=True, help="List, approve and reject calls that need an approval.")

Envelope = Annotated[UUID, typer.Argument(metavar="ENVELOPE", help="Id of the envelope, as `list` shows it.")]
Digest = Annotated[
    str | None,
    typer.Option(help="Decide only if the call still has this digest, as `list --json` shows it."),
]


@app.command("list", epilog="Example: python -m control_plane approvals list --tenant UUID")
def list_command(tenant: AnyTenant = None, as_json: AsJson = False) -> None:
    """List the pending approvals with the arguments of each call, the oldest first.

    Arguments that the tool's schema marks as secret are redacted.
    """

    async def read() -> list[Approval]:
        async with backends() as services:
            return await list_approvals(services, tenant)

    pending = run_async(read())
    if as_json:
        show_json(pending)
        return
    rows = [
        (
            a.envelope.id,
            a.envelope.tool_slug,
            f"expires {a.expires_at:%Y-%m-%d %H:%M} UTC",
            (json.dumps(a.envelope.arguments, ensure_ascii=False), a.reason),
        )
        for a in pending
    ]
    show_lines(rows, empty="no pending approvals")


@app.command(epilog="Example: python -m control_plane approvals approve ENVELOPE --by maria")
def approve(envelope: Envelope, reason: Reason = None, digest: Digest = None, by: By = "operator") -> None:
    """Allow exactly this call, once. The other guardrails still apply."""
    run_async(_decide(envelope, ApprovalDecision.APPROVED, by=by, reason=reason, digest=digest))
    print(f"approved {envelope}")


@app.command(
    epilog="Example: python -m control_plane approvals reject ENVELOPE --code wrong_target --reason 'not our customer'"
)
def reject(
    envelope: Envelope,
    code: Annotated[RejectionCode, typer.Option(help="Why, as one word for the agent.")],
    reason: Annotated[str | None, typer.Option("--reason", help="Your reason; the agent receives it.")] = None,
    digest: Digest = None,
    by: By = "operator",
) -> None:
    """Reject this call. It is never executed, and the agent receives code and reason."""
    run_async(_decide(envelope, ApprovalDecision.REJECTED, by=by, reason=reason, digest=digest, code=code))
    print(f"rejected {envelope}")


@app.command(epilog="Example: python -m control_plane approvals respond ENVELOPE --message 'the order has shipped'")
def respond(
    envelope: Envelope,
    message: Annotated[str, typer.Option(help="Your answer; the agent receives it.")],
    digest: Digest = None,
    by: By = "operator",
) -> None:
    """Send the agent an answer instead of running the call: it is rejected with the code `answered`."""
    rejected, code = ApprovalDecision.REJECTED, RejectionCode.ANSWERED
    run_async(_decide(envelope, rejected, by=by, reason=message, digest=digest, code=code))
    print(f"answered {envelope}")


async def _decide(
    envelope: UUID,
    decision: ApprovalDecision,
    *,
    by: str,
    reason: str | None,
    digest: str | None,
    code: RejectionCode | None = None,
) -> None:
    async with backends() as services:
        await decide_approval(
            services, envelope, decision=decision, digest=digest, reason=reason, actor=operator(by), code=code
        )
