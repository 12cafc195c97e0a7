"""Lists in pages. A cursor names the last row of a page, so no remaining row is skipped or repeated."""

import base64
import hashlib
import json
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Annotated, Generic, TypeVar
from uuid import UUID

from fastapi import Query
from pydantic import BaseModel

from control_plane.api.problems import Problem
from services.errors import InvalidInput
from services.json_rules import check_json
from services.outbox import PageEnd

T = TypeVar("T")
CHECKSUM = 16
"""Bytes of a cursor that identify its list."""
Limit = Annotated[int, Query(ge=1, le=500, description="Maximum number of rows on a page.")]
MAX_CURSOR = 9000
"""Characters. The longest key is an address of 2048 bytes, and JSON writes two of these bytes as six characters."""
After = Annotated[str | None, Query(description="`next` of the previous page. Leave it out for the first page.")]


class Page(BaseModel, Generic[T]):
    """Some rows, and how to get the next ones."""

    items: list[T]
    next: str | None = None
    """The value of `after` for the next page; null on the last page."""


class Cursors:
    """Writes and reads the cursors of one list. A cursor of another list, tenant or filter is refused.

    A cursor is not secret and not signed, so every replica can read it, also after a restart. It only says where the
    next page begins; the query decides which rows the caller may see.
    """

    def __init__(self, *scope: object) -> None:
        self._scope = "\0".join(map(str, scope))

    def write(self, end: PageEnd) -> str:
        """The cursor for `after`, for a list sorted by time."""
        return self.write_key(end[0].isoformat(), str(end[1]))

    def read(self, text: str | None) -> PageEnd | None:
        """The end of the previous page. Raises Problem 400 for a text that is no cursor of this list."""
        key = self.read_key(text)
        if key is None:
            return None
        try:
            return datetime.fromisoformat(key[0]).astimezone(UTC), UUID(key[1])
        except (ValueError, OverflowError):
            raise _not_a_cursor() from None

    def write_key(self, first: str, second: str) -> str:
        """The cursor for `after`, for a list sorted by two texts."""
        position = json.dumps([first, second])
        return base64.urlsafe_b64encode(self._checksum(position) + position.encode()).decode()

    def read_key(self, text: str | None) -> tuple[str, str] | None:
        """The key of the last row of the previous page. Raises Problem 400 like `read`."""
        if text is None:
            return None
        if len(text) > MAX_CURSOR:
            raise _not_a_cursor()
        try:
            raw = base64.b64decode(text, altchars=b"-_", validate=True)
            position = raw[CHECKSUM:].decode()
            first, second = json.loads(position)
            check_json("after", [first, second])
        except (ValueError, TypeError, RecursionError, InvalidInput):
            raise _not_a_cursor() from None
        if raw[:CHECKSUM] != self._checksum(position) or not (isinstance(first, str) and isinstance(second, str)):
            raise _not_a_cursor()
        return first, second

    def read_text_and_id(self, text: str | None) -> tuple[str, UUID] | None:
        """Like `read_key`, for a list sorted by a text and an id."""
        key = self.read_key(text)
        if key is None:
            return None
        try:
            return key[0], UUID(key[1])
        except ValueError:
            raise _not_a_cursor() from None

    def _checksum(self, position: str) -> bytes:
        return hashlib.sha256(f"{self._scope}\0{position}".encode()).digest()[:CHECKSUM]


def _not_a_cursor() -> Problem:
    return Problem(400, "after: is not a cursor of this list; begin again without it")


def page_of(rows: Sequence[T], limit: int) -> tuple[Sequence[T], bool]:
    """The rows of a page, and whether there is another page. The caller has read one row more than fits on the page: if
    `rows` has it, there is."""
    return rows[:limit], len(rows) > limit


def as_utc(moment: datetime | None) -> datetime | None:
    """The time in UTC. A time without an offset already is UTC."""
    return moment if moment is None or moment.tzinfo else moment.replace(tzinfo=UTC)
