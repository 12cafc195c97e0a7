"""Ingestion runs: each is one sync of a connection, or one training."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from control_plane.apps.autopilot.connections import Connection
from services.errors import ControlPlaneError


class RunStatus(StrEnum):
    """The state of a run. The values are a published contract."""

    PENDING = "pending"
    RUNNING = "running"
    COMPLETED = "completed"
    FAILED = "failed"
    CANCELLED = "cancelled"


class RunKind(StrEnum):
    """What a run does."""

    SYNC = "sync"
    REBUILD_MODEL = "rebuild_model"


class RunError(StrEnum):
    """Why a run failed. The first three are a published contract."""

    TICKETS_BELOW_THRESHOLD = "tickets_below_threshold"
    """Its detail has `current_total_tickets` and `needed_total_tickets`."""
    AUTHENTICATION_FAILED = "authentication_failed"
    PERMISSION_DENIED = "permission_denied"
    SOURCE_UNAVAILABLE = "source_unavailable"
    """The ticket system did not answer, or asked to come back later."""
    SOURCE_UNREADABLE = "source_unreadable"
    """The ticket system answered something that its documentation does not allow."""
    SETTINGS_INVALID = "settings_invalid"
    INTERNAL_ERROR = "internal_error"


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One ingestion run."""

    organization_id: UUID
    id: UUID
    data_source_connection_id: UUID | None
    kind: RunKind
    status: RunStatus
    started_by: str | None
    """None: a schedule started it."""
    created_at: datetime
    started_at: datetime | None
    completed_at: datetime | None
    records_processed: int
    records_failed: int
    records_estimated: int | None
    error_message: str | None
    """A `RunError`, or another code that a workflow wrote."""
    error_detail: Mapping[str, Any] | None
    cursor: Mapping[str, Any] | None = None
    """Where the run continues. None in lists: it may be long."""
    batches: int
    """How many batches were stored."""
    attempts: int
    """How many leases the run had since its last stored batch."""
    lease_token: int
    lease_until: datetime | None
    envelope_id: UUID | None
    """The envelope that asks a workflow to do the run. None: our worker does it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LeasedRun:
    """A run that this worker has to do now."""

    run: Run
    connection: Connection | None
    """None for a training."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredBatch:
    """What became of a batch of tickets."""

    stored: int
    """Tickets that are new or changed."""
    unchanged: int
    failed: int
    run: Run


class FailureState(StrEnum):
    """The state of a failure."""

    OPEN = "open"
    """Nobody has dealt with it."""
    REQUESTED = "requested"
    """It waits to be processed again."""
    REDRIVEN = "redriven"
    DISMISSED = "dismissed"


class RunFailed(ControlPlaneError):
    """A run cannot continue. `detail` has the numbers or the problem that people read."""

    def __init__(self, error: RunError, detail: Mapping[str, Any]) -> None:
        super().__init__(str(detail.get("problem", error.value)))
        self.error, self.detail = error, detail


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """A record or message that could not be processed."""

    organization_id: UUID
    id: UUID
    source: str
    """The queue from which the message came, or the id of the record's connection."""
    run_id: UUID | None
    external_id: str | None
    code: str
    detail: str
    payload: Any = None
    """None in lists, and for a record of a ticket system: it can be read again there."""
    created_at: datetime
    redrive_requested_at: datetime | None
    """Since when it waits to be processed again."""
    redrive_requested_by: str | None
    redriven_at: datetime | None
    """When it was processed again, or its ticket came without a problem."""
    dismissed_at: datetime | None
    dismissed_by: str | None
