"""Make envelopes of a tenant's new events for one subscription, up to its limit of waiting deliveries.

The audit log is the queue of events. Envelopes are made in the transaction that moves the subscription past the
rows that it has read, so each event gets exactly one envelope.
"""

from dataclasses import replace
from uuid import UUID

from services.backends import Backends
from services.show_approvals import find_approval
from services.subscriptions import MAX_WAITING, Delivery, SubscriptionKey, SubscriptionKind
from services.subscriptions.events import make_page
from services.subscriptions.notices import ASKING_EVENT_TYPES, call_text

PAGE_SIZE = 500
MAX_PAGES = 20
"""Pages of one run, so that a subscription with much to read does not delay the others."""


async def deliver_events(backends: Backends, key: SubscriptionKey) -> int:
    """Enqueue the deliveries of the new events. Returns how many. Disables the subscription if too many have failed."""
    enqueued = 0
    for _ in range(MAX_PAGES):
        counted = await backends.subscriptions.count_deliveries(key)
        if counted is None:
            break
        subscription, waiting = counted
        if subscription.disabled_at is not None or waiting >= MAX_WAITING:
            break
        rows = await backends.audit_log.read(key.tenant_id, after=subscription.read_seq, limit=PAGE_SIZE)
        page = make_page(
            rows, subscription.event_types, after=subscription.read_seq, room=MAX_WAITING - waiting,
            is_idle=waiting == 0,
        )  # fmt: skip
        deliveries = page.deliveries
        if subscription.kind is not SubscriptionKind.WEBHOOK:
            deliveries = [
                shown for delivery in deliveries if (shown := await _with_call(backends, key.tenant_id, delivery))
            ]
        if page.up_to == subscription.read_seq or not await backends.subscriptions.deliver(
            key, after=subscription.read_seq, up_to=page.up_to, deliveries=deliveries
        ):
            break  # nothing new, no room for the next row, or another scheduler was faster
        enqueued += len(deliveries)
    return enqueued


async def _with_call(backends: Backends, tenant: UUID, delivery: Delivery) -> Delivery | None:
    """The delivery with the call that waits for a decision; None if the call no longer waits."""
    data, envelope = delivery.event["data"], delivery.event["data"].get("envelope_id")
    if delivery.event["type"] not in ASKING_EVENT_TYPES or not isinstance(envelope, str):
        return delivery
    approval = await find_approval(backends, tenant, UUID(envelope))
    if approval is None:
        return None
    asked = {
        "call": call_text(approval.envelope.arguments), "digest": approval.digest, "reason": approval.reason,
        "risk": approval.envelope.risk.value, "proposed_by": approval.envelope.proposed_by,
        "expires_at": approval.expires_at.isoformat(), "has_hidden_characters": bool(approval.hidden_characters),
    }  # fmt: skip
    return replace(delivery, event={**delivery.event, "data": {**data, **asked}})
