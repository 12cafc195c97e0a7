"""Turn what a tool did into the envelope's next state. Pure."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from services.catalog import Tool
from services.envelope import DEADLINE_PASSED, Envelope, Risk
from services.guardrails.recheck import RECHECK_AFTER
from services.outbox import Claimed, Disposition, Settlement
from services.tools import Conflict, Failed, Outcome, Success, Unknown
from worker.backoff import RetryRule, gives_up, retry_delay

HELD_FOR = timedelta(seconds=1)
"""Before a call that did not leave, for a reason none of its own, is tried again, unless the provider says when."""


def settle(
    claimed: Claimed,
    tool: Tool | None,
    outcome: Outcome,
    *,
    rules: Mapping[Risk, RetryRule],
    now: datetime,
    verdicts: tuple[Mapping[str, Any], ...] | None = None,
) -> Settlement:
    """Where the envelope goes after this attempt.

    A call whose fate is unknown goes again only where the tool honours the idempotency key; otherwise it waits for a
    person, never for the clock.
    """

    if isinstance(outcome, Success):  # what nearly all come to
        return Settlement(
            lease=claimed.lease, envelope_id=claimed.envelope.id, to=Disposition.SUCCESS, result=outcome.result,
            verdicts=verdicts,
        )  # fmt: skip

    def to(disposition: Disposition, **extra: Any) -> Settlement:
        return Settlement(
            lease=claimed.lease, envelope_id=claimed.envelope.id, to=disposition, verdicts=verdicts, **extra
        )

    def held(error: str, until: datetime) -> Settlement:
        known = claimed.envelope.last_error == error
        return to(Disposition.HOLD, error=error, reason=f"tool: {error}", next_run_at=until, repeat=known)

    def again(error: str, retry_after: timedelta | None) -> Settlement:
        attempt, rule = claimed.envelope.attempts + 1, rules[claimed.envelope.risk]
        if gives_up(attempt, rule):
            return to(Disposition.FAILED, error=f"{error} (attempt {attempt} of {rule.max_attempts})")
        delay = max(retry_delay(attempt, rule), retry_after or timedelta(0))
        return to(Disposition.RETRY, error=error, next_run_at=before_deadline(now + delay, claimed.envelope))

    match outcome:
        case Conflict(error=error):
            return to(Disposition.CONFLICT, error=error)
        case Failed(error=error, held=True, retry_after=retry_after):
            return held(error, now + (retry_after or HELD_FOR))
        case Failed(error=error, retryable=False, doubtful=doubtful):
            return to(Disposition.FAILED, error=error, doubtful=doubtful)
        case Unknown(error=error) if tool is None or not tool.idempotent:
            return to(Disposition.UNKNOWN, error=error)
        case Failed(error=error, retry_after=retry_after) | Unknown(error=error, retry_after=retry_after):
            return again(error, retry_after)


def expired(claimed: Claimed) -> Settlement:
    """Its deadline came before its call: it never runs."""
    return Settlement(
        lease=claimed.lease, envelope_id=claimed.envelope.id, to=Disposition.EXPIRED, reason=DEADLINE_PASSED
    )


def before_deadline(moment: datetime, envelope: Envelope) -> datetime:
    """The moment, or the envelope's deadline where that is sooner: then it ends, whatever it waits for."""
    return moment if envelope.must_run_before is None else min(moment, envelope.must_run_before)


def lost(claimed: Claimed) -> Outcome:
    """What an attempt came to whose worker's lease ran out. What was not marked as sent has not left, or may repeat."""
    if claimed.sent:
        return Unknown(error="the worker's lease ran out after the call was sent; nobody saw an answer")
    return Failed(error="the worker's lease ran out before the call was settled", retryable=True)


def set_aside(claimed: Claimed, error: str, *, may_have_left: bool, now: datetime) -> Settlement:
    """For an envelope that the worker cannot make sense of; reads nothing of it but its id.

    It is held, and looked at again later: a mended worker executes it. Where its call may have left, a person decides.
    """
    if may_have_left:
        return Settlement(lease=claimed.lease, envelope_id=claimed.envelope.id, to=Disposition.UNKNOWN, error=error)
    return Settlement(
        lease=claimed.lease, envelope_id=claimed.envelope.id, to=Disposition.HOLD, error=error,
        reason=f"worker: {error}", next_run_at=now + RECHECK_AFTER, repeat=claimed.envelope.last_error == error,
    )  # fmt: skip


def released(claimed: Claimed) -> Settlement:
    """Give it back as it was: the call never left, and costs no attempt."""
    return Settlement(lease=claimed.lease, envelope_id=claimed.envelope.id, to=Disposition.RELEASE)
