"""How envelopes ended in the last hour, day or week, for charts."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from uuid import UUID

from services.backends import Backends
from services.envelope import DEAD_STATUSES
from services.overview import EndCounts
from services.overview.latency import quantile_seconds

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Period(StrEnum):
    """How far a history goes back."""

    HOUR = "1h"
    DAY = "24h"
    WEEK = "7d"


_LENGTHS = {
    Period.HOUR: (timedelta(hours=1), timedelta(minutes=1)),
    Period.DAY: (timedelta(days=1), timedelta(minutes=15)),
    Period.WEEK: (timedelta(days=7), timedelta(hours=2)),
}
"""For each period its length, and the length of its spans."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HistorySpan:
    """The envelopes that ended in one span."""

    starts_at: datetime
    ended: Mapping[str, int]
    """How many envelopes ended, by status. Statuses in which none ended are left out."""
    dead_letters: int
    """How many of them became dead letters."""
    median_seconds: float | None
    """Median seconds from the proposal to the answer of the tool; None if no tool answered."""
    p95_seconds: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """How envelopes ended in a period."""

    every: timedelta
    uncounted: int
    """Audit rows that are not counted yet."""
    total: HistorySpan
    """The numbers of all spans together."""
    spans: tuple[HistorySpan, ...]
    """The spans, the oldest first, without gaps. The last span has not ended yet."""


async def read_history(backends: Backends, tenant: UUID | None, period: Period, *, now: datetime) -> History:
    """How envelopes of one tenant, or of all (None), ended lately."""
    length, every = _LENGTHS[period]
    first = _start_of_span(now - length, every)
    recent = await backends.overviews.list_ends(tenant, every=every, since=first)
    found = {span.starts_at: span for span in recent.spans}
    moments = (first + every * number for number in range((now - first) // every + 1))
    spans = tuple(_history_span(found.get(moment) or EndCounts(starts_at=moment, counts={})) for moment in moments)
    total = Counter[str]()
    for span in recent.spans:
        total.update(span.counts)
    return History(
        every=every,
        uncounted=recent.uncounted,
        total=_history_span(EndCounts(starts_at=first, counts=total)),
        spans=spans,
    )


def _start_of_span(moment: datetime, every: timedelta) -> datetime:
    return moment - (moment - EPOCH) % every


def _history_span(counted: EndCounts) -> HistorySpan:
    classes = {int(key): count for key, count in counted.counts.items() if key.isdecimal()}
    ended = {key: count for key, count in counted.counts.items() if not key.isdecimal()}
    return HistorySpan(
        starts_at=counted.starts_at,
        ended=ended,
        dead_letters=sum(ended.get(status, 0) for status in DEAD_STATUSES),
        median_seconds=quantile_seconds(classes, 0.5),
        p95_seconds=quantile_seconds(classes, 0.95),
    )
