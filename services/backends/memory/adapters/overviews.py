"""The numbers of the overview in memory."""

from datetime import datetime, timedelta
from uuid import UUID

from services.backends.memory.state import State
from services.backends.memory.worker_api.count_ends import count_ends
from services.backends.memory.worker_api.list_end_counts import list_end_counts
from services.backends.memory.worker_api.read_overview import read_overview
from services.overview import EndsCounted, Overview, RecentEnds


class MemoryOverviews:
    """See `services.overview.Overviews`."""

    def __init__(self, state: State) -> None:
        self._state = state

    async def read(self, tenant: UUID | None) -> Overview:
        return read_overview(self._state, tenant)

    async def list_ends(self, tenant: UUID | None, *, every: timedelta, since: datetime) -> RecentEnds:
        return list_end_counts(self._state, tenant, every=every, since=since)

    async def count_ends(self, *, limit: int) -> EndsCounted:
        return count_ends(self._state, limit=limit)
