"""Objectives: the goals of a tenant's agents."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID

from services.envelope import Actor


@dataclass(frozen=True, slots=True, kw_only=True)
class Objective:
    """One row of `objectives`."""

    id: UUID
    tenant_id: UUID
    title: str
    metric: str
    target: str | None = None
    horizon: str | None = None
    summary: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How many envelopes and dead letters name one objective."""

    objective_id: UUID
    counts: Mapping[str, int]
    """The number of envelopes and dead letters by status; a status without any is left out."""
    last_activity_at: datetime | None
    """When one of them last changed; None if no envelope names the objective."""


class Objectives(Protocol):
    """The objectives of all tenants."""

    async def list_objectives(self, tenant: UUID) -> list[Objective]:
        """A tenant's objectives, sorted by metric and title."""

    async def progress(self, tenant: UUID) -> list[Progress]:
        """How many envelopes and dead letters name each objective, in no order. Objectives that none of them names are
        missing from the result.

        Deleted envelopes do not count.
        """

    async def save(self, objective: Objective, *, actor: Actor, replaces: Objective | None = None) -> None:
        """Add or change an objective; another tenant's is never changed. Raises NotFound for an unknown tenant.

        With `replaces`, raises StateConflict if the stored objective no longer equals `replaces`.
        """
