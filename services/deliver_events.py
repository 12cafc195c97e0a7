"""Make envelopes of a tenant's new events for one subscription, up to its limit of waiting deliveries.

The audit log is the queue of events, and each subscription has a position in it (`read_seq`). One transaction makes the
envelopes and stores the new position, so each event gets exactly one envelope.
"""

from collections.abc import Collection
from dataclasses import replace
from uuid import UUID

from services.backends import Backends
from services.show_approvals import find_approval
from services.subscriptions import MAX_WAITING, Subscription, SubscriptionKey, SubscriptionKind
from services.subscriptions.digest import MAX_COLLECTED, Event, collect_events, has_room, make_digest
from services.subscriptions.events import make_page
from services.subscriptions.notices import ASKING_EVENT_TYPES, call_text

PAGE_SIZE = 500
MAX_PAGES = 20
"""At most this many pages are read in one run, so that a subscription with much to read does not delay the others."""


async def deliver_events(backends: Backends, key: SubscriptionKey, *, more_types: Collection[str] = ()) -> int:
    """Enqueue the deliveries of the new events. Returns how many. Disables the subscription if too many have failed.

    `more_types` are the types of the events that applications add.
    """
    enqueued = 0
    for _ in range(MAX_PAGES):
        counted = await backends.subscriptions.count_deliveries(key)
        if counted is None:
            break
        subscription, waiting = counted
        if subscription.disabled_at is not None or waiting >= MAX_WAITING:
            break
        if subscription.kind is SubscriptionKind.EMAIL:
            return await _deliver_digest(backends, subscription, more_types) if waiting == 0 else 0
        rows = await backends.audit_log.read(key.tenant_id, after=subscription.read_seq, limit=PAGE_SIZE)
        page = make_page(
            rows, subscription.event_types, after=subscription.read_seq, room=MAX_WAITING - waiting,
            is_idle=waiting == 0, more_types=more_types,
        )  # fmt: skip
        deliveries = page.deliveries
        if subscription.kind is not SubscriptionKind.WEBHOOK:
            deliveries = [
                replace(delivery, event=event)
                for delivery in deliveries
                if (event := await _add_call(backends, key.tenant_id, delivery.event))
            ]
        if page.up_to == subscription.read_seq or not await backends.subscriptions.deliver(
            key, after=subscription.read_seq, up_to=page.up_to, deliveries=deliveries
        ):
            break  # nothing new, no room for the next row, or another scheduler was faster
        enqueued += len(deliveries)
    return enqueued


async def _deliver_digest(backends: Backends, subscription: Subscription, more_types: Collection[str]) -> int:
    """Enqueue one delivery about all new events. Until it has ended, later events wait in the audit log."""
    key, up_to = SubscriptionKey(subscription.tenant_id, subscription.id), subscription.read_seq
    collected = dict[str, Event]()
    for _ in range(MAX_PAGES):
        rows = await backends.audit_log.read(key.tenant_id, after=up_to, limit=PAGE_SIZE)
        collect_events(collected, rows, subscription.event_types, more_types)
        up_to = max([up_to, *(row.seq for row in rows if row.seq is not None)])
        if len(rows) < PAGE_SIZE or len(collected) >= MAX_COLLECTED:
            break
    shown, seen = list[Event](), 0
    for event in collected.values():
        if not has_room(shown):
            break
        seen += 1
        if with_call := await _add_call(backends, key.tenant_id, event):
            shown.append(with_call)
    deliveries = [make_digest(key.tenant_id, shown, not_shown=len(collected) - seen)] if shown else []
    if up_to > subscription.read_seq and await backends.subscriptions.deliver(
        key, after=subscription.read_seq, up_to=up_to, deliveries=deliveries
    ):
        return len(deliveries)
    return 0


async def _add_call(backends: Backends, tenant: UUID, event: Event) -> Event | None:
    """The event; if it asks for a decision, with the call to decide about. None if this call no longer waits."""
    data, envelope = event["data"], event["data"].get("envelope_id")
    if event["type"] not in ASKING_EVENT_TYPES or not isinstance(envelope, str):
        return event
    approval = await find_approval(backends, tenant, UUID(envelope))
    if approval is None:
        return None
    request_fields = {
        "call": call_text(approval.envelope.arguments), "digest": approval.digest, "reason": approval.reason,
        "risk": approval.envelope.risk.value, "proposed_by": approval.envelope.proposed_by,
        "expires_at": approval.expires_at.isoformat(), "has_hidden_characters": bool(approval.hidden_characters),
    }  # fmt: skip
    return {**event, "data": {**data, **request_fields}}
