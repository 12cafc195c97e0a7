"""Subscribe to events of a tenant from now on."""

import re
from datetime import datetime
from uuid import UUID

from services.backends.memory.check_texts import actor_texts, check_texts
from services.backends.memory.state import State
from services.backends.memory.subscriptions import audit_subscription
from services.envelope import Actor
from services.errors import InvalidInput
from services.subscriptions import MAIL_INTERVAL, MAX_SUBSCRIPTIONS, NewSubscription, Subscription, SubscriptionKind

_EVENT_TYPE_PATTERN = re.compile(r"[a-z_]{1,64}\.(\*|[a-z_]{1,64})")


def create_subscription(state: State, tenant: UUID, new: NewSubscription, *, actor: Actor) -> Subscription:
    """See `services.subscriptions.Subscriptions.create`."""
    check_texts(
        kind=new.kind, target=new.target, via=new.via, description=new.description, **actor_texts(actor)
    )  # fmt: skip
    with state.change() as now:
        if new.kind not in set(SubscriptionKind):
            raise InvalidInput("kind", "must be webhook, slack or email")
        if not 1 <= len(new.target) <= 1024:
            raise InvalidInput("target", "must have 1 to 1024 characters")
        if (new.kind is SubscriptionKind.SLACK) is not (new.via is not None):
            raise InvalidInput("via", "is required for slack, and allowed for nothing else")
        if not 1 <= len(new.event_types) <= 50 or not all(map(_EVENT_TYPE_PATTERN.fullmatch, new.event_types)):
            raise InvalidInput("event_types", "must list 1 to 50 types such as approval.requested or envelope.*")
        if len(new.description) > 255:
            raise InvalidInput("description", "must have at most 255 characters")
        state.require_tenant(tenant)
        if sum(key[0] == tenant for key in state.subscriptions) >= MAX_SUBSCRIPTIONS:
            raise InvalidInput("subscriptions", f"a tenant has at most {MAX_SUBSCRIPTIONS}; delete some first")
        created = Subscription(
            tenant_id=tenant, id=new.id, kind=new.kind, target=new.target, via=new.via, event_types=new.event_types,
            description=new.description, read_seq=state.audit_heads.get(tenant, (0, ""))[0],
            mailed_at=_mailed_at_of_deleted(state, tenant, now) if new.kind is SubscriptionKind.EMAIL else None,
            created_at=now, created_by=actor.id,
        )  # fmt: skip
        state.subscriptions[tenant, new.id] = created
        audit_subscription(state, created, "created", actor, now, kind=new.kind, event_types=list(new.event_types))
        return created


def _mailed_at_of_deleted(state: State, tenant: UUID, now: datetime) -> datetime | None:
    """When the last e-mail was enqueued for a subscription that the tenant deleted within MAIL_INTERVAL."""
    moments = [
        datetime.fromisoformat(row.entry.payload["mailed_at"])
        for (owner, _), row in state.audit_log.items()
        if owner == tenant
        and row.created_at > now - MAIL_INTERVAL
        and row.entry.category == "event_subscription.deleted"
        and "mailed_at" in row.entry.payload
    ]
    return max(moments, default=None)
