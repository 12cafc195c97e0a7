"""Read and store insight about tickets: bursts, the trend, stuck tickets, open tickets."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from enum import StrEnum
from uuid import UUID

from pydantic import TypeAdapter

from services.backends.functions import Functions, by
from services.envelope import Actor


class AlertStatus(StrEnum):
    """The state of a burst alert."""

    OPEN = "open"
    ACKNOWLEDGED = "acknowledged"
    """Somebody takes care of it."""
    ENDED = "ended"
    """The burst was not found for an hour."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BurstAlert:
    """Many more tickets of a cluster than usual at this time of the week."""

    id: UUID
    cluster_id: UUID | None
    """None: tickets without a cluster, or a cluster of a deleted model."""
    cluster: str | None = None
    """The name of the cluster."""
    status: AlertStatus
    started_at: datetime
    seen_at: datetime
    """When the burst was last found."""
    window_minutes: int
    tickets: int
    """The largest number of tickets that arrived within the window so far."""
    expected: float
    """How many usually arrive within it."""
    probability: float
    """The probability of at least so many tickets by chance, from 0 to 1."""
    acknowledged_at: datetime | None
    acknowledged_by: str | None
    ended_at: datetime | None
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class BusyCluster:
    """A cluster that may have a burst. Both ids are None for the tickets without a cluster."""

    cluster_id: UUID | None


@dataclass(frozen=True, slots=True, kw_only=True)
class BusyClusters:
    """The clusters that may have a burst."""

    clusters: int
    """How many clusters the active model has."""
    known_since: datetime | None
    """When the oldest ticket was opened."""
    busy: Sequence[BusyCluster]


@dataclass(frozen=True, slots=True, kw_only=True)
class StuckTicket:
    """A ticket that is open for longer than nine of ten tickets of its cluster took, and not updated for a day."""

    id: UUID
    external_id: str
    subject: str
    external_status: str
    priority: str | None
    assignee: str | None
    cluster_id: UUID
    opened_at: datetime
    last_update_at: datetime
    usual_hours: float
    """Nine of ten tickets of its cluster were resolved within so many hours."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenTicket:
    """A ticket that is still to be solved."""

    id: UUID
    external_id: str
    subject: str
    description: str | None
    """The beginning."""
    cluster_id: UUID
    opened_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class DayFigures:
    """The figures of one day, in UTC."""

    day: date
    total_tickets: int
    automated_count: int
    """Tickets that were answered automatically."""
    kb_gap_count: int
    """Tickets whose cluster has no knowledge."""


_ALERT = TypeAdapter(BurstAlert)
_ALERTS = TypeAdapter(list[BurstAlert])
_BUSY = TypeAdapter(BusyClusters)
_SPANS = TypeAdapter(list[tuple[int, int]])
_STUCK = TypeAdapter(list[StuckTicket])
_OPEN = TypeAdapter(list[OpenTicket])
_DAYS = TypeAdapter(list[DayFigures])


async def list_busy_clusters(functions: Functions, tenant: UUID, *, until: datetime, min_tickets: int) -> BusyClusters:
    """The clusters of which at least `min_tickets` tickets were opened within the hour before `until`."""
    found = await functions.call("autopilot.list_busy_clusters", tenant=tenant, until=until, min_tickets=min_tickets)
    return _BUSY.validate_python(found)


async def count_arrivals(
    functions: Functions, tenant: UUID, cluster: UUID | None, *, since: datetime, until: datetime
) -> list[tuple[int, int]]:
    """How many tickets of a cluster were opened in each span of five minutes: pairs of the number of the span and
    the count. The span that begins at `since` has the number 0; spans without tickets are left out."""
    found = await functions.call("autopilot.count_arrivals", tenant=tenant, cluster=cluster, since=since, until=until)
    return _SPANS.validate_python(found)


async def save_burst(
    functions: Functions, tenant: UUID, cluster: UUID | None, *, seen_at: datetime, window_minutes: int, tickets: int,
    expected: float, probability: float, actor: Actor,
) -> BurstAlert:  # fmt: skip
    """Open the alert of a burst, or record in its alert that the burst continues."""
    row = await functions.call(
        "autopilot.save_burst", tenant=tenant, cluster=cluster, seen_at=seen_at, window_minutes=window_minutes,
        tickets=tickets, expected=expected, probability=probability, actor_id=actor.id, door=actor.door,
        as_of=functions.as_of(),
    )  # fmt: skip
    return _ALERT.validate_python(row)


async def end_bursts(functions: Functions, tenant: UUID, *, actor: Actor) -> int:
    """End the alerts whose burst is over. Returns how many."""
    done = await functions.call(
        "autopilot.end_bursts", tenant=tenant, actor_id=actor.id, door=actor.door, as_of=functions.as_of()
    )
    return int(done["ended"])


async def acknowledge_burst(functions: Functions, tenant: UUID, alert: UUID, *, actor: Actor) -> BurstAlert:
    """Say that somebody takes care of a burst. Raises NotFound, NotAllowed, and StateConflict if the alert is not
    open."""
    row = await functions.call(
        "autopilot.acknowledge_burst", tenant=tenant, alert=alert, **by(actor), as_of=functions.as_of()
    )
    return _ALERT.validate_python(row)


async def list_bursts(
    functions: Functions, tenant: UUID, *, current_only: bool = False, limit: int,
    before: tuple[datetime, UUID] | None = None,
) -> list[BurstAlert]:  # fmt: skip
    """The alerts, the newest first."""
    moment, alert = before or (None, None)
    found = await functions.call(
        "autopilot.list_bursts", tenant=tenant, is_current=current_only, max_alerts=limit, before=moment,
        before_id=alert,
    )  # fmt: skip
    return _ALERTS.validate_python(found)


async def refresh_cluster_times(functions: Functions, tenant: UUID) -> int:
    """Measure how long the tickets of each cluster usually take. Returns how many clusters have such a time."""
    done = await functions.call("autopilot.refresh_cluster_times", tenant=tenant, as_of=functions.as_of())
    return int(done["clusters"])


async def list_stuck_tickets(
    functions: Functions, tenant: UUID, *, cluster: UUID | None = None, limit: int,
    after: tuple[datetime, UUID] | None = None,
) -> list[StuckTicket]:  # fmt: skip
    """The stuck tickets, of one cluster or of all, the oldest first."""
    moment, ticket = after or (None, None)
    found = await functions.call(
        "autopilot.list_stuck_tickets", tenant=tenant, cluster=cluster, max_tickets=limit, after=moment,
        after_id=ticket,
    )  # fmt: skip
    return _STUCK.validate_python(found)


async def list_open_tickets(
    functions: Functions, tenant: UUID, *, cluster: UUID | None = None, since: datetime, limit: int
) -> list[OpenTicket]:
    """The open tickets that have a cluster, the newest first."""
    found = await functions.call(
        "autopilot.list_open_tickets", tenant=tenant, cluster=cluster, since=since, max_tickets=limit
    )
    return _OPEN.validate_python(found)


async def read_trend(
    functions: Functions, tenant: UUID, *, first_day: date, last_day: date, cluster: UUID | None = None
) -> list[DayFigures]:
    """The figures of each day that had tickets, of one cluster or of all."""
    found = await functions.call(
        "autopilot.read_trend", tenant=tenant, since=datetime.combine(first_day, time(), UTC),
        until=datetime.combine(last_day, time(), UTC), cluster=cluster,
    )  # fmt: skip
    return _DAYS.validate_python(found)
