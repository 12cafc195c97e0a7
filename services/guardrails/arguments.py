"""Do the arguments match the schema of the tool? Checked before each call: a proposal by SQL has not been checked."""

from services.accounts import Account
from services.approvals.digest import call_digest
from services.catalog import Tool
from services.catalog.arguments import NotApplicable, find_problems
from services.envelope import Envelope
from services.guardrails import Decision, Verdict

MAX_SECONDS = 0.02
"""Processor seconds for one call, because the arguments of one tenant must not block the worker. A call that needs more
needs an approval. Ordinary arguments with a thousand values need less."""
MAX_SHOWN = 3


def judge_arguments(envelope: Envelope, tool: Tool, account: Account | None) -> Verdict | None:
    """The verdict of guardrail `tool` on arguments that do not match the tool's schema; None if they match."""
    try:
        problems = find_problems(tool, envelope.arguments, cpu_seconds=MAX_SECONDS)
    except NotApplicable as exc:
        if envelope.approved_digest is not None and envelope.approved_digest == call_digest(envelope, tool, account):
            return None
        reason = f"{exc}, so its arguments were not checked: a person has to approve the call."
        return Verdict(guardrail="tool", decision=Decision.NEEDS_APPROVAL, reason=reason)
    if not problems:
        return None
    more = f"; {len(problems) - MAX_SHOWN} more" if len(problems) > MAX_SHOWN else ""
    shown = "; ".join(f"{path} {problem}" for path, problem in problems[:MAX_SHOWN])
    return Verdict(
        guardrail="tool", decision=Decision.DENY, reason=f"The arguments break the tool's schema: {shown}{more}."
    )
