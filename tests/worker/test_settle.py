"""The settlement for each outcome, for each kind of tool, with and without attempts left."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from services.catalog import Tool
from services.envelope import Risk
from services.outbox import Disposition, Settlement
from services.tools import Conflict, Failed, Outcome, Success, Unknown
from tests.builders import HOUR, MINUTE, NOW, SECOND, a_tool
from tests.worker.builders import RULE, RULES, a_claim
from worker.backoff import RetryRule
from worker.settle import EVENT_RULE, lost_outcome, release_settlement, settle

IDEMPOTENT, ONCE = a_tool(idempotent=True), a_tool(idempotent=False)
FIRST, LAST = 0, RULE.max_attempts - 1
"""The `attempts` of an envelope during its first and during its last attempt."""

SUCCESS, CONFLICT = Success(result={"ok": 1}), Conflict(error="exists")
BUSY, HELD, FINAL, HALFWAY, SILENT = (
    Failed(error="busy", retryable=True),
    Failed(error="blocked", retryable=True, held=True, retry_after=timedelta(seconds=1)),
    Failed(error="no", retryable=False),
    Failed(error="half-way", retryable=False, doubtful=True),
    Unknown(error="no answer"),
)


def settled(outcome: Outcome, tool: Tool | None, attempts: int, **envelope: Any) -> Settlement:
    return settle(a_claim(attempts=attempts, **envelope), tool, outcome, rules=RULES, now=NOW)


@pytest.mark.parametrize(
    ("outcome", "tool", "attempts", "to"),
    [
        (SUCCESS, IDEMPOTENT, FIRST, "success"),
        (SUCCESS, ONCE, FIRST, "success"),
        (SUCCESS, IDEMPOTENT, LAST, "success"),
        (SUCCESS, ONCE, LAST, "success"),
        (CONFLICT, IDEMPOTENT, FIRST, "conflict"),
        (CONFLICT, ONCE, FIRST, "conflict"),
        (CONFLICT, IDEMPOTENT, LAST, "conflict"),
        (CONFLICT, ONCE, LAST, "conflict"),
        (BUSY, IDEMPOTENT, FIRST, "retry"),
        (BUSY, ONCE, FIRST, "retry"),
        (BUSY, IDEMPOTENT, LAST, "failed"),
        (BUSY, ONCE, LAST, "failed"),
        (FINAL, IDEMPOTENT, FIRST, "failed"),
        (FINAL, ONCE, FIRST, "failed"),
        (FINAL, IDEMPOTENT, LAST, "failed"),
        (FINAL, ONCE, LAST, "failed"),
        (HELD, IDEMPOTENT, FIRST, "hold"),
        (HELD, ONCE, FIRST, "hold"),
        (HELD, IDEMPOTENT, LAST, "hold"),
        (HELD, ONCE, LAST, "hold"),
        (SILENT, IDEMPOTENT, FIRST, "retry"),
        (SILENT, ONCE, FIRST, "unknown"),
        (SILENT, IDEMPOTENT, LAST, "failed"),
        (SILENT, ONCE, LAST, "unknown"),
        (SILENT, None, FIRST, "unknown"),
        (SILENT, None, LAST, "unknown"),
    ],
)
def test_each_outcome_leads_to_its_disposition(outcome: Outcome, tool: Tool | None, attempts: int, to: str) -> None:
    assert settled(outcome, tool, attempts).to == to


def test_a_failure_that_may_have_had_an_effect_is_doubtful() -> None:
    assert [settled(outcome, ONCE, FIRST).doubtful for outcome in (FINAL, HALFWAY)] == [False, True]


def test_a_held_call_waits_as_the_tool_asked_and_its_reason_is_recorded_once() -> None:
    first, again = settled(HELD, ONCE, LAST), settled(HELD, ONCE, LAST, last_error="blocked")
    assert (first.error, first.reason, first.next_run_at) == ("blocked", "tool: blocked", NOW + SECOND)
    assert (first.repeat, again.repeat) == (False, True)


@pytest.mark.parametrize("retry_after", [None, SECOND, HOUR])
@pytest.mark.parametrize("attempts", range(RULE.max_attempts + 1))
@pytest.mark.parametrize("risk", Risk)
def test_an_unknown_outcome_of_a_tool_that_is_not_idempotent_is_never_retried(
    retry_after: timedelta | None, attempts: int, risk: Risk
) -> None:
    settlement = settled(Unknown(error="?", retry_after=retry_after), ONCE, attempts, risk=risk)
    assert (settlement.to, settlement.next_run_at) == (Disposition.UNKNOWN, None)


@pytest.mark.parametrize(
    "outcome", [Failed(error="busy", retryable=True, retry_after=HOUR), Unknown(error="busy", retry_after=HOUR)]
)
def test_a_retry_waits_at_least_as_long_as_retry_after(outcome: Outcome) -> None:
    assert settled(outcome, IDEMPOTENT, FIRST).next_run_at == NOW + HOUR


def test_a_short_retry_after_does_not_shorten_the_delay() -> None:
    busy = Failed(error="busy", retryable=True, retry_after=timedelta(microseconds=1))
    rules = dict.fromkeys(Risk, RetryRule(max_attempts=3, base=HOUR, cap=HOUR))
    waits = [settle(a_claim(), ONCE, busy, rules=rules, now=NOW).next_run_at for _ in range(50)]
    assert max(wait for wait in waits if wait) > NOW + MINUTE


@pytest.mark.parametrize(("attempts", "longest"), [(0, SECOND), (1, 2 * SECOND)])
def test_the_delay_of_a_retry_depends_on_the_number_of_the_failed_attempt(attempts: int, longest: timedelta) -> None:
    waits = [settled(BUSY, ONCE, attempts).next_run_at for _ in range(100)]
    assert all(wait and NOW <= wait <= NOW + longest for wait in waits)
    assert max(wait for wait in waits if wait) > NOW + 0.8 * longest


def test_a_retry_is_due_at_the_deadline_at_the_latest() -> None:
    soon = NOW + SECOND
    busy = Failed(error="busy", retryable=True, retry_after=HOUR)
    assert settled(busy, IDEMPOTENT, FIRST, must_run_before=soon).next_run_at == soon
    assert settled(busy, IDEMPOTENT, FIRST, must_run_before=NOW + 2 * HOUR).next_run_at == NOW + HOUR


def test_the_risk_of_the_envelope_selects_the_retry_rule() -> None:
    rules = {**RULES, Risk.HIGH: RetryRule(max_attempts=1, base=SECOND, cap=SECOND)}
    assert settle(a_claim(risk=Risk.HIGH), ONCE, BUSY, rules=rules, now=NOW).to is Disposition.FAILED
    assert settle(a_claim(risk=Risk.LOW), ONCE, BUSY, rules=rules, now=NOW).to is Disposition.RETRY


def test_the_error_of_the_last_attempt_says_how_many_there_were() -> None:
    assert settled(BUSY, ONCE, LAST).error == "busy (attempt 3 of 3)"


def test_a_success_stores_the_result_and_the_verdicts_only() -> None:
    claimed, verdicts = a_claim(), ({"guardrail": "tool", "decision": "allow", "reason": "known"},)
    assert settle(claimed, ONCE, SUCCESS, rules=RULES, now=NOW, verdicts=verdicts) == Settlement(
        lease=claimed.lease,
        envelope_id=claimed.envelope.id,
        to=Disposition.SUCCESS,
        result={"ok": 1},
        verdicts=verdicts,
    )


@pytest.mark.parametrize(
    ("sent", "tool", "attempts", "to"),
    [
        (True, ONCE, FIRST, "unknown"),
        (True, None, FIRST, "unknown"),
        (True, ONCE, LAST, "unknown"),
        (False, ONCE, FIRST, "retry"),
        (False, IDEMPOTENT, FIRST, "retry"),
        (False, None, FIRST, "retry"),
        (False, ONCE, LAST, "failed"),
        (False, IDEMPOTENT, LAST, "failed"),
    ],
)
def test_a_lost_attempt_is_unknown_if_it_was_sent_and_counts_as_one_attempt(
    sent: bool, tool: Tool | None, attempts: int, to: str
) -> None:
    claimed = a_claim(lost=True, sent=sent, attempts=attempts)
    assert settle(claimed, tool, lost_outcome(claimed), rules=RULES, now=NOW).to == to


def test_a_release_only_ends_the_lease() -> None:
    claimed = a_claim()
    assert release_settlement(claimed) == Settlement(
        lease=claimed.lease, envelope_id=claimed.envelope.id, to=Disposition.RELEASE
    )


def test_the_delivery_of_an_event_has_a_rule_of_its_own() -> None:
    tool = a_tool(idempotent=True, subscription_id=uuid4())
    assert settled(BUSY, tool, LAST).to is Disposition.RETRY
    assert settled(SILENT, tool, EVENT_RULE.max_attempts - 2).to is Disposition.RETRY
    assert settled(SILENT, tool, EVENT_RULE.max_attempts - 1).to is Disposition.FAILED
