"""How long to wait before the next attempt, and when to stop trying. Pure."""

from dataclasses import dataclass
from datetime import timedelta

import tenacity


@dataclass(frozen=True, slots=True, kw_only=True)
class RetryRule:
    """How one risk tier is retried; read from the settings."""

    max_attempts: int
    base: timedelta
    cap: timedelta


def gives_up(attempt: int, rule: RetryRule) -> bool:
    """Whether `attempt`, which just failed, was the last one. Counted from 1."""
    return bool(tenacity.stop_after_attempt(rule.max_attempts)(_state(attempt)))


def retry_delay(attempt: int, rule: RetryRule) -> timedelta:
    """Until the next attempt: full jitter over base·2^(attempt−1), never above cap.

    `attempt` is the one that just failed, from 1. Source: Brooker, *Exponential Backoff and Jitter*, AWS, 2015.
    """
    wait = tenacity.wait_random_exponential(multiplier=rule.base.total_seconds(), max=rule.cap.total_seconds())
    return timedelta(seconds=wait(_state(attempt)))


def _state(attempt: int) -> tenacity.RetryCallState:
    # Tenacity's strategies look at the attempt's number alone; its retrying objects would keep retries in memory.
    state = tenacity.RetryCallState(retry_object=_NO_RETRYING, fn=None, args=(), kwargs={})
    state.attempt_number = attempt
    return state


_NO_RETRYING = tenacity.Retrying()
