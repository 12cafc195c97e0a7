"""Time as an argument: production reads the wall clock, tests pass their own."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

Clock = Callable[[], datetime]


def utc_now() -> datetime:
    """The moment it is, aware, in UTC."""
    return datetime.now(UTC)


class FakeClock:
    """For tests: a `Clock` that stands still until it is moved."""

    def __init__(self, now: datetime) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def advance(self, **span: float) -> datetime:
        """`advance(minutes=5)`; a negative span sets the clock back. Returns the new moment."""
        self.now += timedelta(**span)
        return self.now
