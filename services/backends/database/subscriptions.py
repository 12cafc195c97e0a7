"""Subscriptions to events in the database."""

from collections.abc import Sequence
from uuid import UUID

from services.backends.functions import Functions, by
from services.backends.rows.reading import NEVER, Reader
from services.envelope import Actor
from services.subscriptions import Delivery, NewSubscription, Subscription, SubscriptionKey

_SUBSCRIPTION_READER = Reader(
    Subscription, created_at=NEVER, secret_rotated_at=None, disabled_at=NEVER, mailed_at=None, target="", event_types=()
)  # fmt: skip


class DatabaseSubscriptions:
    """See `services.subscriptions.Subscriptions`."""

    def __init__(self, functions: Functions) -> None:
        self._functions = functions

    async def list_subscriptions(self, tenant: UUID) -> list[Subscription]:
        return [
            _SUBSCRIPTION_READER.read(row) for row in await self._functions.call("list_subscriptions", tenant=tenant)
        ]

    async def create(self, tenant: UUID, new: NewSubscription, *, actor: Actor) -> Subscription:
        row = await self._functions.call(
            "create_subscription", tenant=tenant, id=new.id, kind=new.kind, target=new.target, via=new.via,
            event_types=list(new.event_types), description=new.description, **by(actor), as_of=self._functions.as_of(),
        )  # fmt: skip
        return _SUBSCRIPTION_READER.read(row)

    async def rotate_secret(self, tenant: UUID, id: UUID, *, actor: Actor) -> Subscription:  # noqa: A002
        return await self._call_and_parse("rotate_subscription_secret", tenant, id, actor)

    async def enable(self, tenant: UUID, id: UUID, *, actor: Actor) -> Subscription:  # noqa: A002
        return await self._call_and_parse("enable_subscription", tenant, id, actor)

    async def delete(self, tenant: UUID, id: UUID, *, actor: Actor) -> Subscription:  # noqa: A002
        return await self._call_and_parse("delete_subscription", tenant, id, actor)

    async def test(self, tenant: UUID, id: UUID, envelope: UUID, *, actor: Actor) -> None:  # noqa: A002
        await self._functions.call(
            "test_subscription", tenant=tenant, id=id, envelope=envelope, **by(actor), as_of=self._functions.as_of()
        )

    async def due(self, tenant: UUID | None = None) -> list[SubscriptionKey]:
        rows = await self._functions.call("due_subscriptions", tenant=tenant, as_of=self._functions.as_of())
        return [SubscriptionKey(UUID(row["tenant_id"]), UUID(row["id"])) for row in rows]

    async def count_deliveries(self, key: SubscriptionKey) -> tuple[Subscription, int] | None:
        row = await self._functions.call(
            "count_deliveries", tenant=key.tenant_id, id=key.id, as_of=self._functions.as_of()
        )
        return None if row is None else (_SUBSCRIPTION_READER.read(row), row["waiting"])

    async def deliver(
        self, key: SubscriptionKey, *, after: int, up_to: int, deliveries: Sequence[Delivery]
    ) -> bool:  # fmt: skip
        answer: bool = await self._functions.call(
            "deliver_events", tenant=key.tenant_id, id=key.id, after=after, up_to=up_to,
            envelopes=[delivery.envelope_id for delivery in deliveries],
            events=[delivery.event for delivery in deliveries],
            ordering_keys=[delivery.ordering_key for delivery in deliveries], as_of=self._functions.as_of(),
        )  # fmt: skip
        return answer

    async def _call_and_parse(self, name: str, tenant: UUID, id: UUID, actor: Actor) -> Subscription:  # noqa: A002
        row = await self._functions.call(name, tenant=tenant, id=id, **by(actor), as_of=self._functions.as_of())
        return _SUBSCRIPTION_READER.read(row)
