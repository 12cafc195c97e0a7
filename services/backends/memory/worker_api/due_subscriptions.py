"""List the subscriptions with new audit rows to read or ended deliveries to count."""

from datetime import UTC, datetime
from uuid import UUID

from services.backends.memory.state import State
from services.backends.memory.subscriptions import is_open, may_mail
from services.subscriptions import MAX_WAITING, SubscriptionKey, SubscriptionKind


def due_subscriptions(state: State, tenant: UUID | None) -> list[SubscriptionKey]:
    """See `services.subscriptions.Subscriptions.due`."""
    due = list[tuple[UUID, datetime, UUID]]()
    for (owner, id_), subscription in state.subscriptions.items():
        waiting = state.deliveries.get((owner, id_), frozenset())
        room = 1 if subscription.kind is SubscriptionKind.EMAIL else MAX_WAITING
        has_new_rows = state.audit_heads.get(owner, (0, ""))[0] > subscription.read_seq
        has_room = len(waiting) < room and may_mail(state, subscription, state.clock())
        has_ended = any(not is_open(state, owner, envelope) for envelope in waiting)
        if subscription.disabled_at is None and tenant in {None, owner} and (has_ended or (has_new_rows and has_room)):
            due.append((owner, subscription.mailed_at or datetime.min.replace(tzinfo=UTC), id_))
    return [SubscriptionKey(owner, id_) for owner, _, id_ in sorted(due)]
