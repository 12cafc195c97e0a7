"""Create a new signing secret for a subscription."""

from uuid import UUID

from services.backends.memory.check_texts import actor_texts, check_texts
from services.backends.memory.state import State
from services.backends.memory.subscriptions import audit_subscription, require_subscription, save_subscription
from services.envelope import Actor
from services.subscriptions import Subscription


def rotate_subscription_secret(state: State, tenant: UUID, id: UUID, *, actor: Actor) -> Subscription:  # noqa: A002
    """See `services.subscriptions.Subscriptions.rotate_secret`."""
    check_texts(**actor_texts(actor))
    with state.change() as now:
        found = require_subscription(state, tenant, id)
        changed = save_subscription(state, found, secret_version=found.secret_version + 1, secret_rotated_at=now)
        audit_subscription(state, changed, "secret_rotated", actor, now, secret_version=changed.secret_version)
        return changed
