"""A position in the audit rows of all tenants, from which a reader continues without a gap or a repeated row."""

import re
from dataclasses import dataclass
from uuid import UUID

from services.errors import InvalidInput

MAX_POSITION_LENGTH = 4000
"""The most characters of a position. A snapshot lists all transactions that were running, so it may be long."""
_SNAPSHOT_PATTERN = r"(\d{1,18}):(\d{1,18}):((?:\d{1,18}(?:,\d{1,18})*)?)"
_POSITION_PATTERN = re.compile(
    rf"(?P<since>{_SNAPSHOT_PATTERN})(?:/(?P<until>{_SNAPSHOT_PATTERN})/(?P<tenant>[0-9a-f-]{{36}})/(?P<seq>\d{{1,18}}))?"
)


@dataclass(frozen=True, slots=True)
class Position:
    """What a reader has read: all rows of the database snapshot `since`, and a part of the rows that were added up to
    the snapshot `until`. Sorted by tenant and seq, the reader has read the added rows up to `after`."""

    since: str
    until: str | None = None
    after: tuple[UUID, int] | None = None

    def __str__(self) -> str:
        if self.after is None:
            return self.since
        tenant, seq = self.after
        return f"{self.since}/{self.until}/{tenant}/{seq}"

    @classmethod
    def parse(cls, text: str) -> "Position":
        """Parse the text that `str` made of a position. Raises InvalidInput."""
        found = _POSITION_PATTERN.fullmatch(text) if text.isascii() and len(text) <= MAX_POSITION_LENGTH else None
        if found is None or not all(
            _is_snapshot(snapshot) for snapshot in (found["since"], found["until"] or found["since"])
        ):
            raise InvalidInput("last_event_id", "is not an id of this stream")
        if found["until"] is None:
            return cls(found["since"])
        try:
            return cls(found["since"], found["until"], (UUID(found["tenant"]), int(found["seq"])))
        except ValueError:
            raise InvalidInput("last_event_id", "is not an id of this stream") from None


def _is_snapshot(text: str) -> bool:
    """Whether PostgreSQL would read the text as a snapshot: `xmin:xmax:` and the transactions that ran, in order."""
    low, high, running = text.split(":")
    first, last = int(low), int(high)
    numbers = [int(number) for number in running.split(",") if number]
    return 0 < first <= last and numbers == sorted(set(numbers)) and all(first <= number < last for number in numbers)
