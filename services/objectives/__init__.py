"""Objectives: the goals of a tenant's agents."""

from dataclasses import dataclass
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


class Objectives(Protocol):
    """The objectives of all tenants."""

    async def list_objectives(self, tenant: UUID) -> list[Objective]:
        """A tenant's objectives, by metric and title."""

    async def save(self, objective: Objective, *, actor: Actor, replaces: Objective | None = None) -> None:
        """Add or change an objective; another tenant's is never changed. Raises NotFound for an unknown tenant.

        With `replaces`, raises StateConflict if the objective is no longer that.
        """
