"""A clock that stands still until a test moves it."""

from datetime import datetime, timedelta

from tests.builders import NOW


class FakeClock:
    """Pass it wherever a `Clock` is asked for."""

    def __init__(self, now: datetime = NOW) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def advance(self, **span: float) -> datetime:
        """`advance(minutes=5)`; a negative span sets the clock back. Returns the new moment."""
        self.now += timedelta(**span)
        return self.now
