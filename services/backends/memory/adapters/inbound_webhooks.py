"""Inbound webhooks in memory."""

from uuid import UUID

from services.backends.memory.state import State
from services.backends.memory.worker_api.create_inbound_webhook import create_inbound_webhook
from services.backends.memory.worker_api.delete_inbound_webhook import delete_inbound_webhook
from services.backends.memory.worker_api.list_inbound_webhooks import list_inbound_webhooks
from services.backends.memory.worker_api.rotate_inbound_secret import rotate_inbound_secret
from services.envelope import Actor
from services.subscriptions.inbound import InboundWebhook


class MemoryInboundWebhooks:
    """See `services.subscriptions.inbound.InboundWebhooks`."""

    def __init__(self, state: State) -> None:
        self._state = state

    async def list_inbound(self, tenant: UUID) -> list[InboundWebhook]:
        return list_inbound_webhooks(self._state, tenant)

    async def create(self, tenant: UUID, id: UUID, name: str, *, actor: Actor) -> InboundWebhook:  # noqa: A002
        return create_inbound_webhook(self._state, tenant, id, name, actor=actor)

    async def rotate_secret(self, tenant: UUID, id: UUID, *, actor: Actor) -> InboundWebhook:  # noqa: A002
        return rotate_inbound_secret(self._state, tenant, id, actor=actor)

    async def delete(self, tenant: UUID, id: UUID, *, actor: Actor) -> InboundWebhook:  # noqa: A002
        return delete_inbound_webhook(self._state, tenant, id, actor=actor)
