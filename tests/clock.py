"""A clock that stands still until a test moves it."""

from datetime import datetime

from services import clock
from tests.builders import NOW


class FakeClock(clock.FakeClock):
    """Shows `NOW` unless a test passes another time."""

    def __init__(self, now: datetime = NOW) -> None:
        super().__init__(now)
