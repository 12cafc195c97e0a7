"""List how many envelopes ended in which span."""

from datetime import datetime, timedelta
from uuid import UUID

from services.backends.memory.state import State
from services.overview import EndCounts, RecentEnds


def list_end_counts(state: State, tenant: UUID | None, *, every: timedelta, since: datetime) -> RecentEnds:
    """See `services.overview.Overviews.list_ends`."""
    return RecentEnds(
        uncounted=sum(
            seq - state.end_positions.get(owner, 0)
            for owner, (seq, _) in state.audit_heads.items()
            if tenant in {None, owner}
        ),
        spans=tuple(
            EndCounts(starts_at=starts_at, counts=counts)
            for (owner, length, starts_at), counts in sorted(state.end_counts.items(), key=lambda item: item[0][2])
            if owner == tenant and length == every and starts_at >= since
        ),
    )
