"""Tickets as people see them: in a list, and one with its history."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from control_plane.apps.autopilot.clusters import Verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedTicket:
    """A ticket of a list."""

    id: UUID
    external_id: str
    subject: str
    """The first 300 characters."""
    external_status: str
    priority: str | None
    requester: str | None
    assignee: str | None
    connection_id: UUID | None
    cluster_id: UUID | None
    """None: it is in no cluster."""
    cluster_name: str | None
    subcluster_name: str | None
    cluster_label: str | None
    score: float | None
    """The distance to the centre of its cluster."""
    opened_at: datetime
    resolved_at: datetime | None
    response_state: str | None
    verdict: Verdict | None
    is_pinned: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchEnd:
    """The last ticket that a search has read."""

    at: datetime
    id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class TicketPage:
    """A page of tickets. There are more while `searched_to` is not None, also if the page is empty."""

    tickets: Sequence[ListedTicket]
    searched_to: SearchEnd | None


@dataclass(frozen=True, slots=True, kw_only=True)
class TicketFilter:
    """Which tickets are listed. None: all."""

    cluster: UUID | None = None
    unclassified: bool = False
    """Only tickets in no cluster."""
    status: str | None = None
    """As the ticket system words it."""
    connection: UUID | None = None
    search: str | None = None
    """Words of the subject, or a whole ticket number."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TicketCounts:
    """How many tickets a tenant has."""

    tickets: int
    unclassified: int
    """Those in no cluster."""
    statuses: Mapping[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class TicketPin:
    """Somebody pinned the ticket to a cluster."""

    pinned_by: str
    created_at: datetime
    cluster_id: UUID | None
    """None: the active model has no such cluster."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TicketPlace:
    """The cluster of a ticket in one model."""

    model_id: UUID
    model_name: str
    activated_at: datetime | None
    is_active: bool
    cluster_id: UUID
    name: str
    subcluster_name: str | None
    label: str | None
    score: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredTicket:
    """A ticket with everything that is known of it."""

    id: UUID
    external_id: str
    data_source_connection_id: UUID | None
    subject: str
    description: str | None
    external_status: str
    priority: str | None
    requester: str | None
    assignee: str | None
    resolution: str | None
    opened_at: datetime
    source_updated_at: datetime | None
    resolved_at: datetime | None
    cluster_id: UUID | None
    cluster_name: str | None
    subcluster_name: str | None
    cluster_label: str | None
    score: float | None
    response_state: str | None
    response_envelope_id: UUID | None
    verdict: Verdict | None
    verdict_by: str | None
    verdict_at: datetime | None
    pin: TicketPin | None
    history: Sequence[TicketPlace]
    """In which cluster each model has it, the newest model first."""
