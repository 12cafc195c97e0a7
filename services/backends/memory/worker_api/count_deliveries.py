"""Count the deliveries of a subscription that have ended or still wait. After too many failures in a row, disable the
subscription."""

from services.backends.memory.state import State
from services.backends.memory.subscriptions import audit_subscription, is_open, save_subscription
from services.envelope import Status
from services.subscriptions import DELIVERY_ACTOR, MAX_FAILURES_IN_A_ROW, Subscription, SubscriptionKey


def count_deliveries(state: State, key: SubscriptionKey) -> tuple[Subscription, int] | None:
    """See `services.subscriptions.Subscriptions.count_deliveries`."""
    tenant, row_key = key.tenant_id, (key.tenant_id, key.id)
    with state.change() as now:
        if row_key not in state.subscriptions:
            return None
        subscription, uncounted = state.subscriptions[row_key], state.deliveries.get(row_key, frozenset())
        waiting = frozenset(envelope for envelope in uncounted if is_open(state, tenant, envelope))
        ended = uncounted - waiting
        delivered = [
            envelope
            for envelope in ended
            if (found := state.outbox.get((tenant, envelope))) and found.status in {Status.SUCCESS, Status.CONFLICT}
        ]
        dead = [state.dead_letters[tenant, envelope] for envelope in ended if (tenant, envelope) in state.dead_letters]
        state.deliveries[row_key] = waiting
        failures = 0 if delivered else subscription.failures + len(dead)
        subscription = save_subscription(state, subscription, failures=failures)
        if failures >= MAX_FAILURES_IN_A_ROW and subscription.disabled_at is None:
            last = max(dead, key=lambda letter: letter.moved_at or now)
            reason = f"{failures} deliveries in a row failed; the last: {(last.last_error or '')[:500]}"
            subscription = save_subscription(state, subscription, disabled_at=now, disabled_reason=reason)
            audit_subscription(state, subscription, "disabled", DELIVERY_ACTOR, now, reason=reason)
        return subscription, len(waiting)
