"""Holding an envelope until a person has changed something, without burning an attempt."""

from datetime import datetime, timedelta

from services.guardrails import Decision, Verdict

RECHECK_AFTER = timedelta(minutes=15)
"""How long a parked envelope rests before it is asked about again. Resuming or reconnecting may wake it earlier."""


def park(guardrail: str, reason: str, now: datetime) -> Verdict:
    """A hold that nobody can date: it ends when a person acts, so look again every `RECHECK_AFTER`."""
    return Verdict(guardrail=guardrail, decision=Decision.HOLD, reason=reason, until=now + RECHECK_AFTER)
