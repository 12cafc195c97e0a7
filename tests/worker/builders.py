"""Claims, rules and worker options with defaults for everything that a test does not name."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

from services.envelope import Risk
from services.outbox import ClaimedEnvelope, Lease
from tests.builders import HOUR, MINUTE, SECOND, TENANT, an_envelope
from worker.backoff import RetryRule
from worker.options import WorkerOptions

RULE = RetryRule(max_attempts=3, base=SECOND, cap=MINUTE)
RULES = dict.fromkeys(Risk, RULE)

OPTIONS = WorkerOptions(
    concurrency=8,
    poll_every=timedelta(milliseconds=50),
    lease_for=MINUTE,
    heartbeat_every=MINUTE / 3,
    tool_timeout=30 * SECOND,
    drain_for=5 * SECOND,
    policy_max_age=timedelta(0),
    approval_ttl=HOUR,
    retry=dict.fromkeys(Risk, RetryRule(max_attempts=3, base=timedelta(microseconds=1), cap=timedelta(microseconds=1))),
)
"""Options of a worker that retries at once and reads the guardrails for each claim."""


def a_claim(*, lost: bool = False, sent: bool = False, token: int = 1, **envelope: Any) -> ClaimedEnvelope:
    """`an_envelope(**envelope)`, claimed by the worker of the tests."""
    return ClaimedEnvelope(envelope=an_envelope(**envelope), lease=Lease(TENANT, 0, token), lost=lost, sent=sent)


def worker_options(**overrides: Any) -> WorkerOptions:
    """`OPTIONS` with other values."""
    return replace(OPTIONS, **overrides)
