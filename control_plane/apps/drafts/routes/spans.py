"""The time range of a report."""

from datetime import datetime, timedelta
from typing import Annotated

from fastapi import Query
from pydantic import AwareDatetime

from services.clock import utc_now
from services.errors import InvalidInput

Since = Annotated[AwareDatetime | None, Query(description="By default 30 days before `until`.")]
Until = Annotated[AwareDatetime | None, Query(description="By default now.")]
DEFAULT = timedelta(days=30)


def span(since: datetime | None, until: datetime | None) -> tuple[datetime, datetime]:
    """Begin and end. Raises InvalidInput if the end is not after the begin."""
    end = until or utc_now()
    try:
        begin = since or end - DEFAULT
    except OverflowError:
        raise InvalidInput("until", "is too early") from None
    if begin >= end:
        raise InvalidInput("since", "must be before until")
    return begin, end
