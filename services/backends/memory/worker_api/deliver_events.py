"""Create one envelope for each event, and store the new position of the subscription in the audit log."""

from collections.abc import Sequence

from services.backends.memory.state import State
from services.backends.memory.subscriptions import enqueue_events, may_mail, save_subscription
from services.subscriptions import Delivery, SubscriptionKey


def deliver_events(
    state: State, key: SubscriptionKey, *, after: int, up_to: int, deliveries: Sequence[Delivery]
) -> bool:
    """See `services.subscriptions.Subscriptions.deliver`."""
    with state.change() as now:
        found = state.subscriptions.get((key.tenant_id, key.id))
        if found is None or found.disabled_at is not None or found.read_seq != after or up_to < after:
            return False
        if deliveries and not may_mail(state, found, now):
            return False
        moved = save_subscription(state, found, read_seq=up_to)
        if deliveries:
            enqueue_events(state, moved, deliveries, now)
        return True
