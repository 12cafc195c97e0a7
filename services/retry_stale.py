"""Repeat a change of something that another change has overtaken."""

from collections.abc import Awaitable, Callable
from typing import TypeVar

from services.errors import StateConflict

MAX_TRIES = 10
T = TypeVar("T")


async def retry_stale(change: Callable[[], Awaitable[T]]) -> T:
    """What `change` returns: it reads the present state, changes it, and saves it only if it is still that.

    Raises StateConflict after MAX_TRIES, each overtaken by somebody else.
    """
    for _ in range(MAX_TRIES - 1):
        try:
            return await change()
        except StateConflict:
            continue
    return await change()
