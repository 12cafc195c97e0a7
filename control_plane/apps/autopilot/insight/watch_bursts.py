"""Find the bursts of a tenant, and keep one alert for each, from its beginning to its end."""

import asyncio
from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from control_plane.apps.autopilot.insight.bursts import BUCKET, COMPARED_WEEKS, MIN_TICKETS, Burst, find_burst
from control_plane.apps.autopilot.store.insight import count_arrivals, end_bursts, list_busy_clusters, save_burst
from services.backends.functions import Functions
from services.envelope import Actor

LOOK_BACK = timedelta(weeks=COMPARED_WEEKS + 1)


async def watch_bursts(functions: Functions, tenant: UUID, *, now: datetime, actor: Actor) -> Counter[str]:
    """Open an alert for each new burst, update the alerts of bursts that continue, and end the alerts of bursts that
    are over. Returns how many clusters were checked, how many had a burst, and how many alerts ended.

    Counts are read for one cluster after the other, and only for those with many tickets in the last hour, so a tenant
    with a million tickets costs no more memory than one with a thousand.
    """
    until = datetime.fromtimestamp(now.timestamp() // BUCKET.total_seconds() * BUCKET.total_seconds(), tz=now.tzinfo)
    found = await list_busy_clusters(functions, tenant, until=until, min_tickets=MIN_TICKETS)
    counts: Counter[str] = Counter(checked=len(found.busy), bursts=0, ended=0)
    since = until - _whole_buckets(min(LOOK_BACK, until - (found.known_since or until)))
    for each in found.busy:
        spans = await count_arrivals(functions, tenant, each.cluster_id, since=since, until=until)
        burst = await asyncio.to_thread(_find_burst, spans, (until - since) // BUCKET, found.clusters)
        if burst is not None:
            counts["bursts"] += 1
            await save_burst(
                functions, tenant, each.cluster_id, seen_at=until,
                window_minutes=burst.window // timedelta(minutes=1), tickets=burst.tickets, expected=burst.expected,
                probability=burst.probability, actor=actor,
            )  # fmt: skip
    counts["ended"] = await end_bursts(functions, tenant, actor=actor)
    return counts


def _whole_buckets(span: timedelta) -> timedelta:
    return span // BUCKET * BUCKET


def _find_burst(spans: Sequence[tuple[int, int]], length: int, clusters: int) -> Burst | None:
    import numpy as np  # noqa: PLC0415  # only this job needs it

    counts = np.zeros(length, dtype=np.int64)
    for span, tickets in spans:
        counts[span] = tickets
    return find_burst(counts, clusters=max(1, clusters))
