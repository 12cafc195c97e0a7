"""Lists by pages. A cursor names the last row of a page, so paging neither skips nor repeats a row that stays."""

import base64
import hmac
import json
from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Generic, TypeVar
from uuid import UUID

from fastapi import Query
from pydantic import BaseModel

from control_plane.api.problems import Problem
from services.outbox import PageEnd

T = TypeVar("T")
Limit = Annotated[int, Query(ge=1, le=500, description="Rows on a page.")]
After = Annotated[str | None, Query(max_length=500, description="`next` of the page before; nothing for the first.")]


class Page(BaseModel, Generic[T]):
    """Some rows, and how to get the next ones."""

    items: list[T]
    next: str | None = None
    """The `after` of the next page; null on the last one."""


class Cursors:
    """Writes and reads the cursors of one list. A cursor of another list, tenant or filter is refused."""

    def __init__(self, key: bytes, *scope: object) -> None:
        self._key = key
        self._scope = "\0".join(map(str, scope))

    def write(self, end: PageEnd) -> str:
        """The text for `after`, for a list by time."""
        return self.write_key(end[0].isoformat(), str(end[1]))

    def read(self, text: str | None) -> PageEnd | None:
        """The end of the page before. Raises Problem 400 for a text that `write` did not make for this list."""
        key = self.read_key(text)
        return None if key is None else (datetime.fromisoformat(key[0]), UUID(key[1]))

    def write_key(self, *key: str) -> str:
        """The text for `after`, for a list by any key."""
        position = json.dumps(key)
        return base64.urlsafe_b64encode(self._mac(position) + position.encode()).decode()

    def read_key(self, text: str | None) -> tuple[str, ...] | None:
        """The key of the last row of the page before. Raises Problem 400 as `read`."""
        if text is None:
            return None
        try:
            raw = base64.b64decode(text, altchars=b"-_", validate=True)
            mac, position = raw[:16], raw[16:].decode()
        except ValueError:
            mac, position = b"", ""
        if not hmac.compare_digest(mac, self._mac(position)):
            raise Problem(400, "after: is not a cursor of this list; begin again without it")
        return tuple(json.loads(position))

    def _mac(self, position: str) -> bytes:
        return hmac.digest(self._key, f"{self._scope}\0{position}".encode(), "sha256")[:16]


def page_of(rows: Sequence[T], limit: int) -> tuple[Sequence[T], bool]:
    """The rows of a page, and whether there are more: the query asked for one row more than the page has."""
    return rows[:limit], len(rows) > limit
