"""`python -m control_plane approvals`: the calls that need an approval, and the decisions about them."""

import json
import sys
from collections.abc import Mapping
from typing import Annotated, Any
from uuid import UUID

import typer

from control_plane.cli.approvals_decide import decide, hidden_warning
from control_plane.cli.options import AnyTenant, AsJson, By, Reason, Tenant, backends, operator
from control_plane.cli.output import show_json, show_lines
from control_plane.strict_json import parse_object
from services.approvals import (
    Approval,
    ApprovalDecision,
    ApprovalFilter,
    ApprovalOrder,
    ApprovalRecord,
    RejectionCode,
)
from services.decide_approval import decide_approval
from services.envelope import Envelope as DecidedEnvelope
from services.envelope import Risk, Status
from services.process.terminal import run_async
from services.show_approvals import list_approvals, list_decided, read_history

app = typer.Typer(no_args_is_help=True, help="List, approve and reject calls that need an approval.")

Envelope = Annotated[UUID, typer.Argument(metavar="ENVELOPE", help="Id of the envelope, as `list` shows it.")]
Digest = Annotated[
    str | None,
    typer.Option(help="Decide only if the call still has this digest, as `list --json` shows it."),
]


@app.command("list", epilog="Example: python -m control_plane approvals list --tenant UUID")
def list_command(
    *,
    tenant: AnyTenant = None,
    tool: Annotated[str | None, typer.Option(help="Only calls of this tool.")] = None,
    risk: Annotated[Risk | None, typer.Option(help="Only calls of this risk.")] = None,
    agent: Annotated[str | None, typer.Option(help="Only calls that this agent proposed.")] = None,
    expiring_first: Annotated[
        bool, typer.Option("--expiring-first", help="List the approvals that expire first at the top.")
    ] = False,
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="Maximum number of approvals.")] = 50,
    as_json: AsJson = False,
) -> None:
    """List the pending approvals with the arguments of each call, the oldest first.

    Arguments that the tool's schema marks as secret are redacted. Characters that cannot be seen are escaped, with a
    warning.
    """

    order = ApprovalOrder.EXPIRING if expiring_first else ApprovalOrder.OLDEST
    matching = ApprovalFilter(tool_slug=tool, risk=risk, agent=agent)

    async def read() -> list[Approval]:
        async with backends() as services:
            return await list_approvals(services, tenant, limit=limit, order=order, matching=matching)

    pending = run_async(read())
    if as_json:
        show_json(pending)
        return
    rows = [
        (
            a.envelope.id,
            a.envelope.tool_slug,
            f"expires {a.expires_at:%Y-%m-%d %H:%M} UTC",
            (json.dumps(a.envelope.arguments, ensure_ascii=False), a.reason, _reminders_text(a), hidden_warning(a)),
        )
        for a in pending
    ]
    show_lines(rows, empty="no pending approvals")


@app.command(epilog="Example: python -m control_plane approvals approve ENVELOPE --by maria")
def approve(
    envelope: Envelope,
    edit: Annotated[
        str | None,
        typer.Option(
            help="Approve the call with these arguments instead: a JSON object with all of them, or - for stdin."
        ),
    ] = None,
    reason: Reason = None,
    digest: Digest = None,
    by: By = "operator",
) -> None:
    """Allow exactly this call, once. The other guardrails still apply.

    If the guardrails demand two people, a second person has to approve it too.
    """
    arguments = None if edit is None else parse_object(sys.stdin.read() if edit == "-" else edit, name="--edit")
    decided = run_async(
        _decide(envelope, ApprovalDecision.APPROVED, by=by, reason=reason, digest=digest, arguments=arguments)
    )
    waits = decided.status is Status.AWAITING_APPROVAL
    print(f"approved {envelope}" + ("; a second person has to approve it too" if waits else ""))


@app.command(epilog="Example: python -m control_plane approvals decided --tenant UUID --by maria")
def decided(
    *,
    tenant: AnyTenant = None,
    tool: Annotated[str | None, typer.Option(help="Only calls of this tool.")] = None,
    risk: Annotated[Risk | None, typer.Option(help="Only calls of this risk.")] = None,
    agent: Annotated[str | None, typer.Option(help="Only calls that this agent proposed.")] = None,
    by: Annotated[str | None, typer.Option(help="Only approvals that this person decided.")] = None,
    decision: Annotated[ApprovalDecision | None, typer.Option(help="Only this decision.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="Maximum number of approvals.")] = 50,
    as_json: AsJson = False,
) -> None:
    """List the decided approvals, also those that expired, the newest decision first.

    `show` prints the arguments of one approval.
    """
    matching = ApprovalFilter(tool_slug=tool, risk=risk, agent=agent)

    async def read() -> list[ApprovalRecord]:
        async with backends() as services:
            return await list_decided(
                services, tenant, limit=limit, matching=matching, decided_by=by, decision=decision
            )

    found = run_async(read())
    if as_json:
        show_json(found)
        return
    rows = [
        (
            a.envelope_id,
            a.decision,
            f"{a.decided_at:%Y-%m-%d %H:%M} UTC",
            a.decided_by,
            a.tool_slug,
            (a.decision_reason,),
        )
        for a in found
    ]
    show_lines(rows, empty="no decided approvals")


app.command(
    epilog="Example: python -m control_plane approvals decide approved --tenant UUID --all --tool ORDERS__create"
)(decide)


@app.command(epilog="Example: python -m control_plane approvals show ENVELOPE --tenant UUID")
def show(envelope: Envelope, tenant: Tenant) -> None:
    """Print what was proposed, decided and is in effect, as JSON.

    Arguments that the tool's schema marks as secret are redacted.
    """

    async def read() -> tuple[Any, list[ApprovalRecord]]:
        async with backends() as services:
            return await read_history(services, tenant, envelope)

    found, records = run_async(read())
    proposed = found.arguments if found.proposed_arguments is None else found.proposed_arguments
    show_json({
        "proposed_arguments": proposed, "effective_arguments": found.arguments,
        "effective_digest": found.approved_digest, "approvals": records,
    })  # fmt: skip


@app.command(
    epilog="Example: python -m control_plane approvals reject ENVELOPE --code wrong_target --reason 'not our customer'"
)
def reject(
    envelope: Envelope,
    code: Annotated[RejectionCode, typer.Option(help="The rejection code, one word that the agent receives.")],
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


def _reminders_text(approval: Approval) -> str | None:
    escalated = None if approval.escalated_to is None else f"escalated to {approval.escalated_to}"
    reminded = None if approval.reminded_at is None else "reminded"
    moments = ((reminded, approval.reminded_at), (escalated, approval.escalated_at))
    parts = [f"{what} {at:%Y-%m-%d %H:%M} UTC" for what, at in moments if what and at]
    return ", ".join(parts) or None


async def _decide(
    envelope: UUID,
    decision: ApprovalDecision,
    *,
    by: str,
    reason: str | None,
    digest: str | None,
    code: RejectionCode | None = None,
    arguments: Mapping[str, Any] | None = None,
) -> DecidedEnvelope:
    async with backends() as services:
        return await decide_approval(
            services, envelope, decision=decision, digest=digest, reason=reason, actor=operator(by), code=code,
            arguments=arguments,
        )  # fmt: skip
