"""Tickets as autopilot reads them from a ticket system, whichever it is."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Ticket:
    """One ticket of a ticket system. All moments are in UTC."""

    external_id: str
    """The number that people use, such as `INC0010001`. It identifies the ticket within its connection."""
    subject: str
    external_status: str
    """The status in the words of the ticket system."""
    description: str | None = None
    priority: str | None = None
    """The priority in the words of the ticket system."""
    requester: str | None = None
    assignee: str | None = None
    resolution: str | None = None
    """How the ticket was solved, as people wrote it."""
    source_created_at: datetime | None = None
    source_updated_at: datetime | None = None
    resolved_at: datetime | None = None
    source_metadata: Mapping[str, Any] = field(default_factory=dict)
    """The record as the ticket system sent it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TicketProblem:
    """A record of a ticket system from which no ticket, or no whole ticket, could be made."""

    external_id: str | None
    """The number of the ticket, if it is known."""
    code: str
    """The reason in one word, such as `subject_missing`."""
    detail: str
    """What is wrong, and in which field."""
