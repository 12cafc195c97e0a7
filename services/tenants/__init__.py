"""Tenants: who the envelopes belong to."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID

from services.envelope import Actor


@dataclass(frozen=True, slots=True, kw_only=True)
class Tenant:
    """One row of `tenants`."""

    id: UUID
    name: str
    plan: str = "standard"
    lanes: int = 1
    """How many workers may serve it at once (1–256)."""
    paused_at: datetime | None = None
    paused_reason: str | None = None


class Tenants(Protocol):
    """Who there is, and who is paused."""

    async def list_tenants(self) -> list[Tenant]:
        """All of them, by name."""

    async def get(self, tenant: UUID) -> Tenant:
        """One of them. Raises NotFound."""

    async def save(self, tenant: Tenant, *, actor: Actor) -> None:
        """Add one, or change its name, plan and lanes. A new number of lanes counts for new envelopes."""

    async def pause(self, tenant: UUID, *, actor: Actor, reason: str | None) -> None:
        """Execute nothing more of this tenant's until it is resumed. Raises NotFound."""

    async def resume(self, tenant: UUID, *, actor: Actor) -> None:
        """Undo a pause; what it held is judged at once. Raises NotFound."""
