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
    """A tenant with tools that wait for a decision, or accounts that must be linked again."""

    tenant_id: UUID
    name: str
    quarantined_tools: int
    unhealthy_accounts: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Overview:
    """The numbers of what waits now, for one tenant or for all."""

    tenants: int
    paused_tenants: int
    pending: int
    """Pending envelopes: they wait for their time or for a worker, or are being executed."""
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
    """The tenants with tools or accounts to check, by name, at most 50. None for one tenant."""
    failing_jobs: tuple[str, ...] | None
    """The jobs whose last run failed or was lost. None for one tenant: jobs belong to no tenant."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EndCounts:
    """How many envelopes ended within one span."""

    starts_at: datetime
    counts: Mapping[str, int]
    """The number of envelopes by status, and the number of answered calls by latency class (the class as text)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RecentEnds:
    """How envelopes ended lately."""

    uncounted: int
    """The number of audit rows that have not been counted yet."""
    spans: tuple[EndCounts, ...]
    """The spans, the oldest first. Spans in which no envelope ended are left out."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EndsCounted:
    """The result of one call of `count_ends`."""

    ends: int
    more: bool
    """Whether audit rows are left."""


class Overviews(Protocol):
    """The numbers of one tenant or of all."""

    async def read(self, tenant: UUID | None) -> Overview:
        """The overview of one tenant, or of all (None)."""

    async def list_ends(self, tenant: UUID | None, *, every: timedelta, since: datetime) -> RecentEnds:
        """How envelopes ended, of one tenant or of all (None), in spans of a minute (kept for 75 minutes), a quarter of
        an hour (26 hours) or two hours (8 days)."""

    async def count_ends(self, *, limit: int) -> EndsCounted:
        """Count the envelopes that have ended since the last call, for all tenants: reads about `limit` audit rows."""
