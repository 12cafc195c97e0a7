"""Clocks: production code reads the system clock, tests pass their own."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

Clock = Callable[[], datetime]


def utc_now() -> datetime:
    """The current time, with time zone UTC."""
    return datetime.now(UTC)


class FakeClock:
    """A `Clock` for tests, which changes only when it is told to."""

    def __init__(self, now: datetime) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def advance(self, **span: float) -> datetime:
        """`advance(minutes=5)`; a negative span sets the clock back. Returns the new time."""
        self.now += timedelta(**span)
        return self.now
