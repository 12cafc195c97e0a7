"""Delete a subscription, and cancel its waiting deliveries."""

from uuid import UUID

from services.backends.memory.check_texts import actor_texts, check_texts
from services.backends.memory.envelopes import change_envelope
from services.backends.memory.lanes import lane_key
from services.backends.memory.state import State
from services.backends.memory.subscriptions import audit_subscription, require_subscription
from services.envelope import Actor, Status
from services.jsonb import moment_text
from services.subscriptions import Subscription


def delete_subscription(state: State, tenant: UUID, id: UUID, *, actor: Actor) -> Subscription:  # noqa: A002
    """See `services.subscriptions.Subscriptions.delete`."""
    check_texts(**actor_texts(actor))
    with state.change() as now:
        found = require_subscription(state, tenant, id)
        waiting = [
            envelope
            for envelope_id in state.deliveries.pop((tenant, id), frozenset())
            if (envelope := state.outbox.get((tenant, envelope_id))) is not None
            and envelope.status is Status.PENDING
            and envelope_id not in state.lanes[lane_key(envelope)].in_flight
        ]
        for envelope in sorted(waiting, key=lambda delivery: (delivery.created_at, delivery.id)):
            change_envelope(
                state, envelope, Status.CANCELLED, event="cancelled", actor=actor,
                reason="its subscription was deleted", now=now,
            )  # fmt: skip
        del state.subscriptions[tenant, id]
        mailed = {} if found.mailed_at is None else {"mailed_at": moment_text(found.mailed_at)}
        audit_subscription(state, found, "deleted", actor, now, kind=found.kind, **mailed)
        return found
