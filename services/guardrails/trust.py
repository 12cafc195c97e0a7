"""Is the proposer trusted enough to do this alone, or has a person approved exactly this call?"""

from typing import Any

from services.accounts import Account
from services.approvals.digest import call_digest
from services.catalog import Tool
from services.envelope import Envelope
from services.guardrails import Decision, GuardrailSettings, Verdict

TRUSTED = Verdict(guardrail="trust", decision=Decision.ALLOW, reason="The trust score reaches the threshold.")
APPROVED = Verdict(guardrail="trust", decision=Decision.ALLOW, reason="Exactly this call was approved by a person.")


def judge_trust(
    envelope: Envelope, settings: GuardrailSettings, tool: Tool | None = None, account: Account | None = None
) -> Verdict:
    """A score that cannot be read counts as 0 and says so. A threshold that is not a number trusts nobody."""
    given = envelope.trust_context.get("score", 0)
    score = given if is_fraction(given) else 0
    if score >= settings.trust_threshold:
        return TRUSTED
    approved = envelope.approved_digest
    if approved is not None and approved == call_digest(envelope, tool, account):
        return APPROVED
    return Verdict(guardrail="trust", decision=Decision.NEEDS_APPROVAL, reason=_why(envelope, settings, score, given))


def is_fraction(value: Any) -> bool:
    """Whether `value` is a number from 0 to 1; a bool is none, and neither is NaN."""
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= 1


def _why(envelope: Envelope, settings: GuardrailSettings, score: float, given: Any) -> str:
    unread = "" if is_fraction(given) else " (trust_context.score is not a number from 0 to 1, which counts as 0)"
    remedy = "a person has to approve it"
    if envelope.approved_digest is not None:
        remedy = "it, its tool or its account was changed after the approval, so a person has to approve it again"
    return f"The trust score {score} is below the threshold {settings.trust_threshold}{unread}: {remedy}."
