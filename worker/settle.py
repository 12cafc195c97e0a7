"""Decide the next state of an envelope. Pure."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from services.catalog import Tool
from services.envelope import DEADLINE_PASSED, Envelope, Risk
from services.guardrails.recheck import RECHECK_AFTER
from services.outbox import ClaimedEnvelope, Disposition, Settlement
from services.tools import Conflict, Failed, Outcome, Success, Unknown
from worker.backoff import RetryRule, is_last_attempt, retry_delay

EVENT_RULE = RetryRule(max_attempts=12, base=timedelta(seconds=10), cap=timedelta(hours=6))
"""The retry rule for deliveries of events: a receiver that is down for some hours misses no event. The attempts of one
delivery take about three hours, and at most six."""
HOLD_FOR = timedelta(seconds=1)
"""How long the hold of a provider lasts if the provider does not say."""


def settle(
    claimed: ClaimedEnvelope,
    tool: Tool | None,
    outcome: Outcome,
    *,
    rules: Mapping[Risk, RetryRule],
    now: datetime,
    verdicts: tuple[Mapping[str, Any], ...] | None = None,
    digest: str | None = None,
) -> Settlement:
    """The settlement of an attempt with this outcome.

    An attempt with an unknown outcome is retried only if its tool is idempotent. Otherwise the envelope stays `unknown`
    until a person decides; no timer ends that state. `digest` identifies the call that was made, for the audit log.
    """

    if isinstance(outcome, Success):  # first, because nearly every outcome is a success
        return Settlement(
            lease=claimed.lease, envelope_id=claimed.envelope.id, to=Disposition.SUCCESS, result=outcome.result,
            verdicts=verdicts, digest=digest,
        )  # fmt: skip

    def settlement(to: Disposition, **fields: Any) -> Settlement:
        return Settlement(
            lease=claimed.lease, envelope_id=claimed.envelope.id, to=to, verdicts=verdicts, digest=digest, **fields
        )

    def hold(error: str, until: datetime) -> Settlement:
        repeat = claimed.envelope.last_error == error
        return settlement(Disposition.HOLD, error=error, reason=f"tool: {error}", next_run_at=until, repeat=repeat)

    def retry(error: str, retry_after: timedelta | None) -> Settlement:
        is_event = tool is not None and tool.subscription_id is not None
        attempt, rule = claimed.envelope.attempts + 1, EVENT_RULE if is_event else rules[claimed.envelope.risk]
        if is_last_attempt(attempt, rule):
            return settlement(Disposition.FAILED, error=f"{error} (attempt {attempt} of {rule.max_attempts})")
        delay = max(retry_delay(attempt, rule), retry_after or timedelta(0))
        next_run_at = earlier_of_deadline(now + delay, claimed.envelope)
        return settlement(Disposition.RETRY, error=error, next_run_at=next_run_at)

    match outcome:
        case Conflict(error=error):
            return settlement(Disposition.CONFLICT, error=error)
        case Failed(error=error, held=True, retry_after=retry_after):
            return hold(error, now + (retry_after or HOLD_FOR))
        case Failed(error=error, retryable=False, doubtful=doubtful):
            return settlement(Disposition.FAILED, error=error, doubtful=doubtful)
        case Unknown(error=error) if tool is None or not tool.idempotent:
            return settlement(Disposition.UNKNOWN, error=error)
        case Failed(error=error, retry_after=retry_after) | Unknown(error=error, retry_after=retry_after):
            return retry(error, retry_after)


def expired_settlement(claimed: ClaimedEnvelope) -> Settlement:
    """The settlement of an envelope whose deadline passed before its call: it is never executed."""
    return Settlement(
        lease=claimed.lease, envelope_id=claimed.envelope.id, to=Disposition.EXPIRED, reason=DEADLINE_PASSED
    )


def earlier_of_deadline(moment: datetime, envelope: Envelope) -> datetime:
    """The earlier one of `moment` and the envelope's deadline, so that a waiting envelope expires on time."""
    return moment if envelope.must_run_before is None else min(moment, envelope.must_run_before)


def lost_outcome(claimed: ClaimedEnvelope) -> Outcome:
    """The outcome of an attempt whose lease ran out.

    Without a sent mark the call was not sent, or its tool is idempotent. So it may be retried.
    """
    if claimed.sent:
        return Unknown(error="the worker's lease ran out after the call was marked as sent; no answer was recorded")
    return Failed(error="the worker's lease ran out before the call was settled", retryable=True)


def worker_error_settlement(claimed: ClaimedEnvelope, error: str, *, may_be_sent: bool, now: datetime) -> Settlement:
    """The settlement of an envelope that made the worker itself fail. Reads only its ids and its last error.

    The envelope is held and judged again later, perhaps by a corrected worker. If its call may have been sent, the
    envelope is `unknown`, and a person decides.
    """
    if may_be_sent:
        return Settlement(lease=claimed.lease, envelope_id=claimed.envelope.id, to=Disposition.UNKNOWN, error=error)
    return Settlement(
        lease=claimed.lease, envelope_id=claimed.envelope.id, to=Disposition.HOLD, error=error,
        reason=f"worker: {error}", next_run_at=now + RECHECK_AFTER, repeat=claimed.envelope.last_error == error,
    )  # fmt: skip


def release_settlement(claimed: ClaimedEnvelope) -> Settlement:
    """The settlement that returns an envelope to the queue unchanged: no call was sent, so no attempt is counted."""
    return Settlement(lease=claimed.lease, envelope_id=claimed.envelope.id, to=Disposition.RELEASE)
