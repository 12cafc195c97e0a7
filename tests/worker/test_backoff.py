"""How long a failed attempt waits, and which one is the last."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from control_plane.settings import RetryTiers
from worker.backoff import RetryRule, is_last_attempt, retry_delay

SECOND = timedelta(seconds=1)
RULE = RetryRule(max_attempts=5, base=2 * SECOND, cap=10 * SECOND)
DRAWS = 200


@pytest.mark.parametrize(("attempt", "longest"), [(1, 2), (2, 4), (3, 8), (4, 10), (5, 10), (100, 10)])
def test_the_delay_is_random_up_to_a_limit_that_doubles_up_to_the_cap(attempt: int, longest: int) -> None:
    waits = [retry_delay(attempt, RULE).total_seconds() for _ in range(DRAWS)]
    assert min(waits) >= 0
    assert 0.8 * longest < max(waits) <= longest


def test_full_jitter_allows_delays_close_to_zero() -> None:
    assert min(retry_delay(4, RULE) for _ in range(DRAWS)) < SECOND


@given(
    attempt=st.integers(1, 5_000),
    base=st.timedeltas(min_value=timedelta(milliseconds=1), max_value=timedelta(days=365)),
    cap=st.timedeltas(min_value=timedelta(milliseconds=1), max_value=timedelta(days=365)),
)
def test_no_delay_is_negative_or_above_the_cap(attempt: int, base: timedelta, cap: timedelta) -> None:
    rule = RetryRule(max_attempts=1, base=base, cap=cap)
    assert timedelta(0) <= retry_delay(attempt, rule) <= cap


@pytest.mark.parametrize(("attempt", "last"), [(1, False), (4, False), (5, True), (6, True)])
def test_the_last_attempt_is_the_one_with_the_highest_number(attempt: int, last: bool) -> None:
    assert is_last_attempt(attempt, RULE) is last


@pytest.mark.parametrize(("tier", "attempts"), [("low", 5), ("medium", 3), ("high", 2)])
def test_each_risk_tier_stops_after_its_own_number_of_attempts(tier: str, attempts: int) -> None:
    policy = getattr(RetryTiers(), tier)
    rule = RetryRule(max_attempts=policy.max_attempts, base=policy.base, cap=policy.cap)
    assert [is_last_attempt(attempt, rule) for attempt in range(1, attempts + 1)] == [False] * (attempts - 1) + [True]


def test_a_tier_of_one_attempt_never_retries() -> None:
    assert is_last_attempt(1, RetryRule(max_attempts=1, base=SECOND, cap=SECOND))
