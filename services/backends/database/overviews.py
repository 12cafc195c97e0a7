"""Read the numbers of the overview in the database."""

from datetime import datetime, timedelta
from uuid import UUID

from services.backends.functions import Functions
from services.backends.rows.reading import NEVER, Reader
from services.overview import EndsCounted, Overview, RecentEnds

_OVERVIEW_READER = Reader(Overview, oldest_due_at=NEVER)
_RECENT_ENDS_READER = Reader(RecentEnds)
_ENDS_COUNTED_READER = Reader(EndsCounted)


class DatabaseOverviews:
    """See `services.overview.Overviews`."""

    def __init__(self, functions: Functions) -> None:
        self._functions = functions

    async def read(self, tenant: UUID | None) -> Overview:
        return _OVERVIEW_READER.read(
            await self._functions.call("read_overview", tenant=tenant, as_of=self._functions.as_of())
        )

    async def list_ends(self, tenant: UUID | None, *, every: timedelta, since: datetime) -> RecentEnds:
        return _RECENT_ENDS_READER.read(
            await self._functions.call("list_end_counts", tenant=tenant, every=every, since=since)
        )

    async def count_ends(self, *, limit: int) -> EndsCounted:
        return _ENDS_COUNTED_READER.read(
            await self._functions.call("count_ends", max_rows=limit, as_of=self._functions.as_of())
        )
