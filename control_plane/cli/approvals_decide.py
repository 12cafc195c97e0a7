"""`python -m control_plane approvals decide`: one decision about several calls, as they were shown."""

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated
from uuid import UUID

import typer
from pydantic import TypeAdapter

from control_plane.cli.options import AsJson, By, Tenant, backends, operator
from control_plane.cli.output import show_json, show_lines
from services.approvals import Approval, ApprovalDecision, ApprovalFilter, RejectionCode
from services.decide_approval import decide_many
from services.envelope import Envelope
from services.errors import ControlPlaneError, InvalidInput
from services.process.terminal import run_async
from services.show_approvals import list_every_approval

DECIDED = (ApprovalDecision.APPROVED, ApprovalDecision.REJECTED)
Call = tuple[UUID, str]
"""Envelope and digest."""


def decide(
    decision: Annotated[ApprovalDecision, typer.Argument(help="The decision: approved or rejected.")],
    *,
    tenant: Tenant,
    every: Annotated[bool, typer.Option("--all", help="Decide all pending approvals of the tenant.")] = False,
    tool: Annotated[str | None, typer.Option(help="With --all: only calls of this tool.")] = None,
    calls: Annotated[
        str | None,
        typer.Option(help="Decide only the calls in this file, as --dry-run --json prints them; - for stdin."),
    ] = None,
    code: Annotated[
        RejectionCode | None, typer.Option(help="With rejected: the rejection code, one word that the agents receive.")
    ] = None,
    reason: Annotated[
        str | None, typer.Option("--reason", help="Your reason. Agents receive it with a rejection.")
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only list the calls, with their digests.")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask for confirmation.")] = False,
    by: By = "operator",
    as_json: AsJson = False,
) -> None:
    """Approve or reject several calls at once, each as it was shown.

    The calls are listed with ids, digests and arguments before you confirm. A call that changed or was decided since
    then is skipped and named, and the exit code is 1.
    """
    if decision not in DECIDED:
        raise InvalidInput("decision", "must be approved or rejected")
    if every == (calls is not None) or (tool is not None and not every):
        raise InvalidInput("--all", "choose the calls either with --all (and --tool, if you want) or with --calls")
    if calls == "-" and not (yes or dry_run):
        raise InvalidInput("--yes", "is required with --calls -, because stdin has the calls")
    if (decision is ApprovalDecision.REJECTED) != (code is not None):
        raise InvalidInput("--code", "is required to reject, and allowed for nothing else")
    pending = run_async(_list_pending(tenant, tool))
    chosen = [(a.envelope.id, a.digest) for a in pending] if calls is None else _read_calls(calls)
    shown = [a for a in pending if (a.envelope.id, a.digest) in set(chosen)]
    if dry_run:
        _print_calls(shown, as_json=as_json)
        return
    if not yes:
        _print_calls(shown, as_json=False)
        typer.confirm(f"{len(chosen)} calls will be {decision}. Continue?", abort=True, err=True)
    results = run_async(_decide(tenant, chosen, decision=decision, code=code, reason=reason, by=by))
    skipped = [(envelope, str(result)) for envelope, result in results if not isinstance(result, Envelope)]
    decided = [result.id for _, result in results if isinstance(result, Envelope)]
    if as_json:
        show_json({"decided": decided, "skipped": [{"envelope_id": e, "problem": problem} for e, problem in skipped]})
    else:
        print(f"{decision} {len(decided)}")
        for envelope, problem in skipped:
            print(f"skipped {envelope}: {problem}")
    if skipped:
        raise typer.Exit(1)


async def _list_pending(tenant: UUID, tool: str | None) -> list[Approval]:
    async with backends() as services:
        return await list_every_approval(services, tenant, matching=ApprovalFilter(tool_slug=tool))


async def _decide(
    tenant: UUID, calls: Sequence[Call], *, decision: ApprovalDecision, code: RejectionCode | None, reason: str | None,
    by: str,
) -> list[tuple[UUID, Envelope | ControlPlaneError]]:  # fmt: skip
    async with backends() as services:
        return await decide_many(
            services, tenant, calls, decision=decision, code=code, reason=reason, actor=operator(by)
        )


def _read_calls(file: str) -> list[Call]:
    """The calls that a person chose from a preview. Raises InvalidInput."""
    try:
        text = sys.stdin.read() if file == "-" else Path(file).read_text(encoding="utf-8")
        rows = TypeAdapter(list[dict[str, str]]).validate_json(text)
        return [(UUID(row["envelope_id"]), row["digest"]) for row in rows]
    except (OSError, ValueError, KeyError) as exc:
        problem = "cannot be read" if isinstance(exc, OSError) else "is not what --dry-run --json prints"
        raise InvalidInput("--calls", problem) from exc


def _print_calls(approvals: Sequence[Approval], *, as_json: bool) -> None:
    if as_json:
        show_json([{"envelope_id": a.envelope.id, "digest": a.digest} for a in approvals])
        return
    rows = [
        (
            a.envelope.id,
            a.envelope.tool_slug,
            a.digest,
            (json.dumps(a.envelope.arguments, ensure_ascii=False), a.reason, hidden_warning(a)),
        )
        for a in approvals
    ]
    show_lines(rows, empty="no pending approvals")


def hidden_warning(approval: Approval) -> str | None:
    """A warning about invisible characters; None if there are none."""
    paths = approval.hidden_characters
    return f"warning: hidden characters, shown escaped, in {', '.join(paths)}" if paths else None
