"""The state of a tenant's queue."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueStatus:
    """The state of one tenant's queue."""

    tenant_id: UUID
    name: str
    paused: bool
    depth: Mapping[str, int]
    """The number of open envelopes by status; a status without envelopes is left out."""
    in_flight: int
    dlq: int
    doubtful: int
    """How many of the dead letters are doubtful."""
    oldest_due_at: datetime | None
    """Since when the oldest due envelope has waited; None for a paused tenant."""
    retrying: int
    """How many envelopes wait for another attempt."""
    retries: tuple[Mapping[str, Any], ...]
    """The next 20 of them: envelope_id, tool_slug, attempts, next_run_at, wait_seconds, last_error."""
