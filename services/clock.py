"""Time as an argument: production reads the wall clock, tests pass their own."""

from collections.abc import Callable
from datetime import UTC, datetime

Clock = Callable[[], datetime]


def utc_now() -> datetime:
    """The moment it is, aware, in UTC."""
    return datetime.now(UTC)
