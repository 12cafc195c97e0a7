"""The subscriptions of a tenant to its events."""

from uuid import UUID

from services.backends.memory.state import State
from services.subscriptions import Subscription


def list_subscriptions(state: State, tenant: UUID) -> list[Subscription]:
    """See `services.subscriptions.Subscriptions.list_subscriptions`."""
    found = [subscription for key, subscription in state.subscriptions.items() if key[0] == tenant]
    return sorted(found, key=lambda subscription: (subscription.created_at, subscription.id))
