"""Connections to ticket systems."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID


class ConnectionType(StrEnum):
    """The ticket systems from which tickets come."""

    SERVICENOW = "servicenow"
    JIRA = "jira"
    CSV = "csv"


@dataclass(frozen=True, slots=True, kw_only=True)
class Connection:
    """A connection of a tenant to a ticket system. Its credentials are in ACP_AUTOPILOT_LOGINS, never in a row."""

    organization_id: UUID
    id: UUID
    name: str | None
    """None in rows of earlier versions."""
    connection_type: ConnectionType
    latest_options: Mapping[str, Any] = field(default_factory=dict)
    """What a sync needs to know; no secrets."""
    is_enabled: bool = True
    sync_every_minutes: int | None = None
    """None: it is synced only when somebody asks."""
    last_sync_at: datetime | None = None
    """When a sync last read everything, to the end."""
    ids_listed_at: datetime | None = None
    """When all ticket numbers of the ticket system were last compared with the stored ones."""
    open_run_id: UUID | None = None
    """The run that has not ended."""
