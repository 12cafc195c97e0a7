"""Does the trust score reach the threshold, or has a person approved exactly this call?"""

from typing import Any

from services.accounts import Account
from services.approvals.digest import call_digest
from services.catalog import Tool
from services.envelope import Envelope
from services.guardrails import Decision, GuardrailSettings, Verdict

TRUSTED_VERDICT = Verdict(guardrail="trust", decision=Decision.ALLOW, reason="The trust score reaches the threshold.")
APPROVED_VERDICT = Verdict(guardrail="trust", decision=Decision.ALLOW, reason="A person approved exactly this call.")
CHANGED_VERDICT = Verdict(
    guardrail="trust",
    decision=Decision.NEEDS_APPROVAL,
    reason="The call, its tool or its account was changed after the approval: a person has to approve it again.",
)


def judge_trust(
    envelope: Envelope, settings: GuardrailSettings, tool: Tool | None = None, account: Account | None = None
) -> Verdict:
    """The verdict on the trust score. An invalid score counts as 0; no score reaches an invalid threshold (NaN).

    If a person approved another call of this envelope, this call needs a new approval, whatever its score.
    """
    approved = envelope.approved_digest
    if approved is not None:
        return APPROVED_VERDICT if approved == call_digest(envelope, tool, account) else CHANGED_VERDICT
    claimed = envelope.trust_context.get("score", 0)
    score = claimed if is_fraction(claimed) else 0
    if score >= settings.trust_threshold:
        return TRUSTED_VERDICT
    return Verdict(guardrail="trust", decision=Decision.NEEDS_APPROVAL, reason=_why_too_low(settings, score, claimed))


def is_fraction(value: Any) -> bool:
    """Whether `value` is a number from 0 to 1, and not a bool or NaN."""
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= 1


def _why_too_low(settings: GuardrailSettings, score: float, claimed: Any) -> str:
    note = "" if is_fraction(claimed) else " (trust_context.score is not a number from 0 to 1, which counts as 0)"
    return (
        f"The trust score {score} is below the threshold {settings.trust_threshold}{note}: a person has to approve it."
    )
