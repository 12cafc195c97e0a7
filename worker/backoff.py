"""How long to wait before the next attempt or try, and when to stop trying. Pure but for the jitter."""

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
    """Until the next attempt of an envelope; `attempt` is the one that just failed, from 1."""
    return _full_jitter(attempt, rule.base, rule.cap)


def busy_delay(tries: int) -> timedelta:
    """Until the next try of what another transaction of its tenant keeps from being written, for as long as it does."""
    return _full_jitter(tries, timedelta(milliseconds=10), timedelta(seconds=1))


def away_delay(tries: int, at_most: timedelta) -> timedelta:
    """Until the next try while the database is away; jitter, so that workers do not come back to it in lockstep."""
    return _full_jitter(tries, timedelta(milliseconds=400), at_most)


def _full_jitter(tries: int, base: timedelta, cap: timedelta) -> timedelta:
    """Drawn from 0 to base·2^(tries−1), never above cap; `tries` counts those that failed, from 1.

    Source: Brooker, *Exponential Backoff and Jitter*, AWS, 2015.
    """
    wait = tenacity.wait_random_exponential(multiplier=base.total_seconds(), max=cap.total_seconds())
    return timedelta(seconds=wait(_state(tries)))


def _state(attempt: int) -> tenacity.RetryCallState:
    # Tenacity's strategies look at the attempt's number alone; its retrying objects would keep retries in memory.
    state = tenacity.RetryCallState(retry_object=_NO_RETRYING, fn=None, args=(), kwargs={})
    state.attempt_number = attempt
    return state


_NO_RETRYING = tenacity.Retrying()
