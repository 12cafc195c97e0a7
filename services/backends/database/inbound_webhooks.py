"""Inbound webhooks in the database."""

from uuid import UUID

from services.backends.functions import Functions, by
from services.backends.rows.reading import NEVER, Reader
from services.envelope import Actor
from services.subscriptions.inbound import InboundWebhook

_INBOUND_WEBHOOK_READER = Reader(InboundWebhook, created_at=NEVER, secret_rotated_at=None)


class DatabaseInboundWebhooks:
    """See `services.subscriptions.inbound.InboundWebhooks`."""

    def __init__(self, functions: Functions) -> None:
        self._functions = functions

    async def list_inbound(self, tenant: UUID) -> list[InboundWebhook]:
        return [
            _INBOUND_WEBHOOK_READER.read(row)
            for row in await self._functions.call("list_inbound_webhooks", tenant=tenant)
        ]

    async def create(self, tenant: UUID, id: UUID, name: str, *, actor: Actor) -> InboundWebhook:  # noqa: A002
        row = await self._functions.call(
            "create_inbound_webhook", tenant=tenant, id=id, name=name, **by(actor), as_of=self._functions.as_of()
        )
        return _INBOUND_WEBHOOK_READER.read(row)

    async def rotate_secret(self, tenant: UUID, id: UUID, *, actor: Actor) -> InboundWebhook:  # noqa: A002
        row = await self._functions.call(
            "rotate_inbound_secret", tenant=tenant, id=id, **by(actor), as_of=self._functions.as_of()
        )
        return _INBOUND_WEBHOOK_READER.read(row)

    async def delete(self, tenant: UUID, id: UUID, *, actor: Actor) -> InboundWebhook:  # noqa: A002
        row = await self._functions.call(
            "delete_inbound_webhook", tenant=tenant, id=id, **by(actor), as_of=self._functions.as_of()
        )
        return _INBOUND_WEBHOOK_READER.read(row)
