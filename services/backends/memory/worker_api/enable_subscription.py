"""Deliver events to a disabled subscription again."""

from uuid import UUID

from services.backends.memory.check_texts import actor_texts, check_texts
from services.backends.memory.lanes import release_held
from services.backends.memory.state import State
from services.backends.memory.subscriptions import audit_subscription, require_subscription, save_subscription
from services.envelope import Actor
from services.subscriptions import Subscription


def enable_subscription(state: State, tenant: UUID, id: UUID, *, actor: Actor) -> Subscription:  # noqa: A002
    """See `services.subscriptions.Subscriptions.enable`."""
    check_texts(**actor_texts(actor))
    with state.change() as now:
        found = require_subscription(state, tenant, id)
        if found.disabled_at is None:
            return found
        enabled = save_subscription(state, found, disabled_at=None, disabled_reason=None, failures=0)
        release_held(state, tenant, {"tool"}, now)
        audit_subscription(state, enabled, "enabled", actor, now)
        return enabled
