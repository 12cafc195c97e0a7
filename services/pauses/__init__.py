"""Pauses of a part of a tenant's calls. A whole tenant is paused with `services.tenants`."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol
from uuid import UUID

from services.envelope import Actor


class PauseKind(StrEnum):
    """What a pause stops."""

    TOOL = "tool"
    """Calls of one tool, by its slug."""
    ACCOUNT = "account"
    """Calls through one connected account, by its id."""
    AGENT = "agent"
    """Calls that one agent proposed, by its name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pause:
    """One row of `pauses`."""

    tenant_id: UUID
    kind: PauseKind
    target: str
    reason: str | None = None
    started_at: datetime
    started_by: str
    ends_at: datetime | None = None
    """When the pause ends; None if it lasts until a person ends it."""
    changed_at: datetime
    """When the reason and the end of the pause were last set."""


class Pauses(Protocol):
    """The pauses of all tenants. Each change takes effect with the next claim."""

    async def list_pauses(self, tenant: UUID) -> list[Pause]:
        """The pauses that have not ended, sorted by kind and target."""

    async def start(
        self, tenant: UUID, kind: PauseKind, target: str, *, reason: str | None, ends_at: datetime | None, actor: Actor
    ) -> Pause:
        """Start a pause, or replace its reason and end. Calls in flight finish. Raises NotFound, InvalidInput."""

    async def end(self, tenant: UUID, kind: PauseKind, target: str, *, actor: Actor) -> None:
        """End a pause. The held envelopes are judged again immediately. Raises NotFound."""
