"""Ingestion runs: one sync of a connection, or one new model."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from control_plane.apps.autopilot.connections import Connection


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
    """The ticket system did not answer, or not as documented."""
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
    cursor: Mapping[str, Any] | None
    """Where the run continues."""
    batches: int
    """How many batches were stored."""
    lease_token: int
    lease_until: datetime | None
    envelope_id: UUID | None
    """The message that asked a workflow to do the run. None: our worker does it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LeasedRun:
    """A run that this worker has to do now."""

    run: Run
    connection: Connection | None
    """None for a run that makes a new model."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredBatch:
    """What became of a batch of tickets."""

    stored: int
    """Tickets that are new or changed."""
    unchanged: int
    failed: int
    run: Run


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """A record or message that could not be processed."""

    id: UUID
    source: str
    run_id: UUID | None
    external_id: str | None
    code: str
    detail: str
    payload: Any
    created_at: datetime
    redriven_at: datetime | None
