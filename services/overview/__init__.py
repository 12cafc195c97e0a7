"""The overview: what waits for a worker or a person now, and how envelopes ended lately."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol
from uuid import UUID

MAX_COUNTED = 10_000
"""The numbers of an overview are counted up to here; a number above it means "more than that"."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TenantToCheck:
    """A tenant with tools to decide or accounts to link again."""

    tenant_id: UUID
    name: str
    quarantined_tools: int
    unhealthy_accounts: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Overview:
    """What waits now, of one tenant or of all."""

    tenants: int
    paused_tenants: int
    pending: int
    """Envelopes that wait for their time, for a worker or for its answer."""
    in_flight: int
    unknown: int
    """Calls without an answer, which a person must check."""
    oldest_due_at: datetime | None
    """Since when the oldest due envelope has waited, without the envelopes of paused tenants."""
    dead_letters: int
    approvals: int
    quarantined_tools: int
    """New and changed tools that wait for a decision."""
    unhealthy_accounts: int
    """Accounts that have expired or report an error."""
    tenants_to_check: tuple[TenantToCheck, ...] | None
    """By name, at most 50. None for one tenant."""
    failing_jobs: tuple[str, ...] | None
    """The jobs whose last run failed or was lost. None for one tenant: jobs belong to no tenant."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EndCounts:
    """How many envelopes ended within one span."""

    starts_at: datetime
    counts: Mapping[str, int]
    """By status; and by latency class, a number, how many calls that their tool answered took how long."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RecentEnds:
    """How envelopes ended lately."""

    uncounted: int
    """Audit rows that have not been read for this yet."""
    spans: tuple[EndCounts, ...]
    """The oldest first, without spans in which none ended."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EndsCounted:
    """What one call of `count_ends` did."""

    ends: int
    more: bool
    """Whether audit rows are left."""


class Overviews(Protocol):
    """The numbers of one tenant or of all."""

    async def read(self, tenant: UUID | None) -> Overview:
        """What waits now, of one tenant or of all (None)."""

    async def list_ends(self, tenant: UUID | None, *, every: timedelta, since: datetime) -> RecentEnds:
        """How envelopes ended, of one tenant or of all (None), in spans of a minute (kept for 75 minutes), a quarter of
        an hour (26 hours) or two hours (8 days)."""

    async def count_ends(self, *, limit: int) -> EndsCounted:
        """Count the envelopes that have ended since the last call, for all tenants: reads about `limit` audit rows."""
