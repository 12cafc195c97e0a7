"""Inbound webhooks: addresses to which other systems send events. The events become evidence."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID

from services.envelope import Actor

MAX_INBOUND_WEBHOOKS = 20
"""How many inbound webhooks a tenant may have."""


@dataclass(frozen=True, slots=True, kw_only=True)
class InboundWebhook:
    """One row of `inbound_webhooks`. It holds no secret."""

    tenant_id: UUID
    id: UUID
    name: str
    """The name of the sender."""
    secret_version: int = 1
    secret_rotated_at: datetime | None = None
    """When the secret was last rotated. The old secret is accepted for a day after that."""
    created_at: datetime
    created_by: str

    @property
    def tool_slug(self) -> str:
        """The tool slug of the evidence and the signal that the events of this webhook become."""
        return f"inbound.{self.name}"

    @property
    def path(self) -> str:
        """The path of the API to which the sender posts events."""
        return f"/signed/webhooks/{self.tenant_id}/{self.id}"


class InboundWebhooks(Protocol):
    """The inbound webhooks of all tenants."""

    async def list_inbound(self, tenant: UUID) -> list[InboundWebhook]:
        """The inbound webhooks of a tenant, sorted by name."""

    async def create(self, tenant: UUID, id: UUID, name: str, *, actor: Actor) -> InboundWebhook:  # noqa: A002
        """Create an inbound webhook. Raises NotFound (tenant), InvalidInput, StateConflict if the name is taken."""

    async def rotate_secret(self, tenant: UUID, id: UUID, *, actor: Actor) -> InboundWebhook:  # noqa: A002
        """Create a new signing secret. Raises NotFound."""

    async def delete(self, tenant: UUID, id: UUID, *, actor: Actor) -> InboundWebhook:  # noqa: A002
        """Delete an inbound webhook. Its evidence is kept. Raises NotFound."""
