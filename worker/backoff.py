"""How long to wait before the next attempt or the next write, and when to give up. Pure except for the random
jitter."""

from dataclasses import dataclass
from datetime import timedelta

import tenacity


@dataclass(frozen=True, slots=True, kw_only=True)
class RetryRule:
    """The retry rule of one risk tier; read from the settings."""

    max_attempts: int
    base: timedelta
    cap: timedelta


def is_last_attempt(attempt: int, rule: RetryRule) -> bool:
    """Whether the rule allows no attempt after this one. `attempt` is the one that just failed, from 1."""
    return bool(tenacity.stop_after_attempt(rule.max_attempts)(_retry_state(attempt)))


def retry_delay(attempt: int, rule: RetryRule) -> timedelta:
    """The wait before an envelope's next attempt. `attempt` is the one that just failed, from 1."""
    return _full_jitter(attempt, rule.base, rule.cap)


def busy_delay(tries: int) -> timedelta:
    """The wait before the next write, after another transaction of the same tenant has blocked `tries` writes."""
    return _full_jitter(tries, timedelta(milliseconds=10), timedelta(seconds=1))


def database_retry_delay(tries: int, cap: timedelta) -> timedelta:
    """The wait before the next request, after `tries` requests failed because the database was not ready.

    The jitter keeps many workers from sending their requests at the same moment.
    """
    return _full_jitter(tries, timedelta(milliseconds=400), cap)


def _full_jitter(tries: int, base: timedelta, cap: timedelta) -> timedelta:
    """A random wait from 0 to base·2^(tries−1), never above cap. `tries` is the number of failed tries, from 1.

    Source: Brooker, *Exponential Backoff and Jitter*, AWS, 2015.
    """
    wait = tenacity.wait_random_exponential(multiplier=base.total_seconds(), max=cap.total_seconds())
    return timedelta(seconds=wait(_retry_state(tries)))


def _retry_state(attempt: int) -> tenacity.RetryCallState:
    # We use only the function of Tenacity that computes a wait. It reads nothing but the attempt number of this object.
    state = tenacity.RetryCallState(retry_object=_UNUSED_RETRYING, fn=None, args=(), kwargs={})
    state.attempt_number = attempt
    return state


_UNUSED_RETRYING = tenacity.Retrying()
