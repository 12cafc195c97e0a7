"""Helpers of the functions that read and change subscriptions."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

from services.audit_log import AuditEntry
from services.backends.memory.audit import append_audit
from services.backends.memory.state import State
from services.backends.memory.worker_api.enqueue import enqueue
from services.catalog import Tool, ToolStatus
from services.envelope import OPEN_STATUSES, Actor
from services.errors import NotFound
from services.outbox import Proposal
from services.subscriptions import DELIVERY_ACTOR, MAIL_INTERVAL, Delivery, Subscription, SubscriptionKind


def require_subscription(state: State, tenant: UUID, id: UUID) -> Subscription:  # noqa: A002
    """The subscription. Raises NotFound."""
    if (tenant, id) not in state.subscriptions:
        raise NotFound("subscription", id)
    return state.subscriptions[tenant, id]


def save_subscription(state: State, subscription: Subscription, **changes: Any) -> Subscription:
    """Store the subscription with these changes."""
    changed = replace(subscription, **changes)
    state.subscriptions[changed.tenant_id, changed.id] = changed
    return changed


def audit_subscription(
    state: State, subscription: Subscription, event: str, actor: Actor, now: datetime, **payload: object
) -> None:
    """Append the audit row `event_subscription.<event>`."""
    entry = AuditEntry(
        tenant_id=subscription.tenant_id, actor=actor, category=f"event_subscription.{event}",
        payload={"subscription_id": subscription.id, **payload},
    )  # fmt: skip
    append_audit(state, [entry], now)


def is_open(state: State, tenant: UUID, envelope: UUID) -> bool:
    """Whether the envelope has not ended."""
    found = state.outbox.get((tenant, envelope))
    return found is not None and found.status in OPEN_STATUSES


def may_mail(state: State, subscription: Subscription, now: datetime) -> bool:
    """See `db/functions/app_private/may_mail.sql`."""
    return subscription.kind is not SubscriptionKind.EMAIL or not any(
        other.tenant_id == subscription.tenant_id
        and other.mailed_at is not None
        and other.mailed_at > now - MAIL_INTERVAL
        and (other.id == subscription.id or not _addresses(other).isdisjoint(_addresses(subscription)))
        for other in state.subscriptions.values()
    )


def _addresses(subscription: Subscription) -> frozenset[str]:
    return frozenset(subscription.target.lower().split(","))


def enqueue_events(state: State, subscription: Subscription, deliveries: Sequence[Delivery], now: datetime) -> None:
    """See `db/functions/app_private/enqueue_events.sql`."""
    proposals = [
        Proposal(
            id=delivery.envelope_id, tenant_id=subscription.tenant_id, tool_slug=subscription.tool_slug,
            arguments=delivery.event, external_id=f"event:{delivery.envelope_id}",
            metadata={"ordering_key": f"control_plane:event:{subscription.id}:{delivery.ordering_key}"},
        )
        for delivery in deliveries
    ]  # fmt: skip
    enqueue(state, proposals, actor=DELIVERY_ACTOR)
    if subscription.kind is SubscriptionKind.EMAIL:
        save_subscription(state, subscription, mailed_at=now)
    key = (subscription.tenant_id, subscription.id)
    state.deliveries[key] = state.deliveries.get(key, frozenset()) | {delivery.envelope_id for delivery in deliveries}


def subscription_tool(subscription: Subscription) -> Tool:
    """See `db/functions/app_private/subscription_tool.sql`."""
    rotated_at = subscription.secret_rotated_at
    config = {
        "kind": subscription.kind.value, "target": subscription.target, "via": subscription.via,
        "secret_version": subscription.secret_version,
        "secret_rotated_at": None if rotated_at is None else rotated_at.isoformat(),
    }  # fmt: skip
    return Tool(
        tenant_id=subscription.tenant_id, tool_slug=subscription.tool_slug, version="1",
        provider="email" if subscription.kind is SubscriptionKind.EMAIL else "http", idempotent=True,
        status=ToolStatus.ACTIVE if subscription.disabled_at is None else ToolStatus.REMOVED,
        subscription_id=subscription.id, config={name: value for name, value in config.items() if value is not None},
    )  # fmt: skip
