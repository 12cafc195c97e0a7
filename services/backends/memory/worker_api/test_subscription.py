"""Send a test event to a subscription."""

from uuid import UUID

from services.backends.memory.check_texts import actor_texts, check_texts
from services.backends.memory.state import State
from services.backends.memory.subscriptions import audit_subscription, enqueue_events, may_mail, require_subscription
from services.envelope import Actor
from services.errors import StateConflict
from services.jsonb import moment_text
from services.subscriptions import MAX_WAITING, Delivery
from services.subscriptions.events import TEST_EVENT_TYPE


def test_subscription(state: State, tenant: UUID, id: UUID, envelope: UUID, *, actor: Actor) -> None:  # noqa: A002
    """See `services.subscriptions.Subscriptions.test`."""
    check_texts(**actor_texts(actor))
    with state.change() as now:
        found = require_subscription(state, tenant, id)
        waiting = state.deliveries.get((tenant, id), frozenset())
        if envelope in waiting:
            return
        if found.disabled_at is not None:
            raise StateConflict("subscription", f"{id} is disabled; enable it first")
        if len(waiting) >= MAX_WAITING:
            problem = f"{id} has {MAX_WAITING} waiting deliveries; try again when some of them have ended"
            raise StateConflict("subscription", problem)
        if not may_mail(state, found, now):
            raise StateConflict("subscription", f"an address of {id} got an e-mail in the last minute; try again later")
        event_id = f"evt_test_{envelope.hex}"
        audit_subscription(state, found, "tested", actor, now, event_id=event_id)
        event = {
            "id": event_id, "type": TEST_EVENT_TYPE, "timestamp": moment_text(now),
            "data": {
                "tenant_id": str(tenant), "subscription_id": str(id), "actor": {"type": actor.type, "id": actor.id},
            },
        }  # fmt: skip
        enqueue_events(state, found, [Delivery(envelope_id=envelope, event=event, ordering_key=event_id)], now)
