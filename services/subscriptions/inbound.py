"""Inbound webhooks: addresses at which other systems tell a tenant of events. What they send becomes evidence."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID

from services.envelope import Actor

MOST_INBOUND = 20
"""Of one tenant."""


@dataclass(frozen=True, slots=True, kw_only=True)
class InboundWebhook:
    """One row of `inbound_webhooks`. It holds no secret."""

    tenant_id: UUID
    id: UUID
    name: str
    """The sender."""
    secret_version: int = 1
    secret_rotated_at: datetime | None = None
    """The secret before it is accepted too, for a day after this moment."""
    created_at: datetime
    created_by: str

    @property
    def tool_slug(self) -> str:
        """Under which its events are evidence and signal."""
        return f"inbound.{self.name}"


class InboundWebhooks(Protocol):
    """The inbound webhooks of all tenants."""

    async def list_inbound(self, tenant: UUID) -> list[InboundWebhook]:
        """All of a tenant, by name."""

    async def create(self, tenant: UUID, id: UUID, name: str, *, actor: Actor) -> InboundWebhook:  # noqa: A002
        """Add one. Raises NotFound for an unknown tenant, InvalidInput, StateConflict for a name that is taken."""

    async def rotate_secret(self, tenant: UUID, id: UUID, *, actor: Actor) -> InboundWebhook:  # noqa: A002
        """Begin a new signing secret. Raises NotFound."""

    async def delete(self, tenant: UUID, id: UUID, *, actor: Actor) -> InboundWebhook:  # noqa: A002
        """Accept no more events at it. Its evidence stays. Raises NotFound."""
