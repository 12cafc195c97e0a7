"""Repeat a change if another change was saved first."""

from collections.abc import Awaitable, Callable
from typing import TypeVar

from services.errors import StateConflict

MAX_TRIES = 10
T = TypeVar("T")


async def retry_on_conflict(change: Callable[[], Awaitable[T]]) -> T:
    """Call `change`, which reads the current state and saves a changed one. If another change was saved in between,
    call `change` again. Returns its result.

    Raises StateConflict if another change was saved first MAX_TRIES times.
    """
    for _ in range(MAX_TRIES - 1):
        try:
            return await change()
        except StateConflict:
            continue
    return await change()
