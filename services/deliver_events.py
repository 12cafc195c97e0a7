"""Make envelopes of a tenant's new events for one subscription, as far as there is room for them.

The audit log is the queue of events. Envelopes are made in the transaction that moves the subscription's place in it,
so each event gets exactly one.
"""

from services.backends import Backends
from services.subscriptions import MOST_WAITING, SubscriptionKey
from services.subscriptions.events import make_page

PAGE_SIZE = 500
MOST_PAGES = 20
"""Pages of one run, so that a subscription with much to read does not delay the others."""


async def deliver_events(backends: Backends, key: SubscriptionKey) -> int:
    """Enqueue the deliveries of the new events. Returns how many. Disables the subscription if too many have failed."""
    enqueued = 0
    for _ in range(MOST_PAGES):
        counted = await backends.subscriptions.count_deliveries(key)
        if counted is None:
            break
        subscription, waiting = counted
        if subscription.disabled_at is not None or waiting >= MOST_WAITING:
            break
        rows = await backends.audit_log.read(key.tenant_id, after=subscription.read_seq, limit=PAGE_SIZE)
        page = make_page(
            rows, key.id, subscription.event_types, after=subscription.read_seq, room=MOST_WAITING - waiting,
            is_idle=waiting == 0,
        )  # fmt: skip
        if page.up_to == subscription.read_seq or not await backends.subscriptions.deliver(
            key, after=subscription.read_seq, up_to=page.up_to, deliveries=page.deliveries
        ):
            break  # nothing new, no room for the next row, or another scheduler was faster
        enqueued += len(page.deliveries)
    return enqueued
