"""Subscriptions to events in memory."""

from collections.abc import Sequence
from uuid import UUID

from services.backends.memory.state import State
from services.backends.memory.worker_api.count_deliveries import count_deliveries
from services.backends.memory.worker_api.create_subscription import create_subscription
from services.backends.memory.worker_api.delete_subscription import delete_subscription
from services.backends.memory.worker_api.deliver_events import deliver_events
from services.backends.memory.worker_api.due_subscriptions import due_subscriptions
from services.backends.memory.worker_api.enable_subscription import enable_subscription
from services.backends.memory.worker_api.list_subscriptions import list_subscriptions
from services.backends.memory.worker_api.rotate_subscription_secret import rotate_subscription_secret
from services.backends.memory.worker_api.test_subscription import test_subscription
from services.envelope import Actor
from services.subscriptions import Delivery, NewSubscription, Subscription, SubscriptionKey


class MemorySubscriptions:
    """See `services.subscriptions.Subscriptions`."""

    def __init__(self, state: State) -> None:
        self._state = state

    async def list_subscriptions(self, tenant: UUID) -> list[Subscription]:
        return list_subscriptions(self._state, tenant)

    async def create(self, tenant: UUID, new: NewSubscription, *, actor: Actor) -> Subscription:
        return create_subscription(self._state, tenant, new, actor=actor)

    async def rotate_secret(self, tenant: UUID, id: UUID, *, actor: Actor) -> Subscription:  # noqa: A002
        return rotate_subscription_secret(self._state, tenant, id, actor=actor)

    async def enable(self, tenant: UUID, id: UUID, *, actor: Actor) -> Subscription:  # noqa: A002
        return enable_subscription(self._state, tenant, id, actor=actor)

    async def delete(self, tenant: UUID, id: UUID, *, actor: Actor) -> Subscription:  # noqa: A002
        return delete_subscription(self._state, tenant, id, actor=actor)

    async def test(self, tenant: UUID, id: UUID, envelope: UUID, *, actor: Actor) -> None:  # noqa: A002
        test_subscription(self._state, tenant, id, envelope, actor=actor)

    async def due(self, tenant: UUID | None = None) -> list[SubscriptionKey]:
        return due_subscriptions(self._state, tenant)

    async def count_deliveries(self, key: SubscriptionKey) -> tuple[Subscription, int] | None:
        return count_deliveries(self._state, key)

    async def deliver(
        self, key: SubscriptionKey, *, after: int, up_to: int, deliveries: Sequence[Delivery]
    ) -> bool:  # fmt: skip
        return deliver_events(self._state, key, after=after, up_to=up_to, deliveries=deliveries)
