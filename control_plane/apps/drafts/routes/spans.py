"""The time range of a report, and times that the database can store."""

from datetime import UTC, datetime, timedelta
from typing import Annotated

from fastapi import Query
from pydantic import AwareDatetime

from services.clock import utc_now
from services.errors import InvalidInput

Since = Annotated[AwareDatetime | None, Query(description="By default 30 days before `until`.")]
Until = Annotated[AwareDatetime | None, Query(description="By default now.")]
DEFAULT = timedelta(days=30)
_FIRST, _LAST = datetime(1, 1, 2, tzinfo=UTC), datetime(9999, 12, 30, tzinfo=UTC)


def span(since: datetime | None, until: datetime | None) -> tuple[datetime, datetime]:
    """Start and end. Raises InvalidInput if the end is not after the start."""
    check_time("since", since)
    check_time("until", until)
    end = until or utc_now()
    try:
        begin = since or end - DEFAULT
    except OverflowError:
        raise InvalidInput("until", "is less than 30 days after the beginning of year 1; give since too") from None
    if begin >= end:
        raise InvalidInput("since", "must be before until")
    return begin, end


def check_time(field: str, moment: datetime | None) -> None:
    """Raise InvalidInput for a time that would be outside the calendar in another time zone."""
    if moment is not None and not _FIRST <= moment <= _LAST:
        raise InvalidInput(field, "must lie between the years 1 and 9999")
