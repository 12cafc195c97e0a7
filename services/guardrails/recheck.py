"""Park an envelope: hold it until a person changes something, without counting an attempt."""

from datetime import datetime, timedelta

from services.guardrails import Decision, Verdict

RECHECK_AFTER = timedelta(minutes=15)
"""A parked envelope is judged again after this time, or earlier if a person changes the settings."""


def park(guardrail: str, reason: str, now: datetime) -> Verdict:
    """A hold without a known end: the envelope is judged again every `RECHECK_AFTER`."""
    return Verdict(guardrail=guardrail, decision=Decision.HOLD, reason=reason, until=now + RECHECK_AFTER)
