"""Pages of a ticket system: smaller ones if an answer is too long or takes too long, and where the next run begins."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import TypeVar

from control_plane.apps.autopilot.sources import SourceError

T = TypeVar("T")
BEGINNING = datetime(1970, 1, 2, tzinfo=UTC)
"""Ticket systems have no change that is older."""


class AnswerTooLarge(SourceError):
    """The answer is longer than what is read, or the source could not finish it in time."""


async def fetch_page(fetch: Callable[[int, bool], Awaitable[T]], size: int) -> tuple[T, int, bool]:
    """The page that `fetch(size, keys_only)` reads, the size with which it was read, and whether its records have only
    their key fields.

    The size becomes smaller until the answer fits. If not even one record fits, only its key fields are read.
    """
    keys_only = False
    while True:
        try:
            return await fetch(size, keys_only), size, keys_only
        except AnswerTooLarge:
            if keys_only:
                raise
            keys_only = size == 1
            size = max(1, size // 4)


def reached_time(latest_change: datetime, now: datetime) -> datetime:
    """The time up to which everything was read, if the latest change has this time.

    Never in the future: a ticket with a wrong date would hide all later changes until that date. Never before
    BEGINNING. Pure.
    """
    return max(BEGINNING, min(latest_change, now))
