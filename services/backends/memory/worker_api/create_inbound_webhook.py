"""Create an inbound webhook, to which another system sends events."""

import re
from uuid import UUID

from services.audit_log import AuditEntry
from services.backends.memory.audit import append_audit
from services.backends.memory.check_texts import actor_texts, check_texts
from services.backends.memory.state import State
from services.envelope import Actor
from services.errors import InvalidInput, StateConflict
from services.subscriptions.inbound import MAX_INBOUND_WEBHOOKS, InboundWebhook


def create_inbound_webhook(state: State, tenant: UUID, id: UUID, name: str, *, actor: Actor) -> InboundWebhook:  # noqa: A002
    """See `services.subscriptions.inbound.InboundWebhooks.create`."""
    check_texts(name=name, **actor_texts(actor))
    with state.change() as now:
        if not re.fullmatch("[a-z][a-z0-9_-]{0,62}", name):
            raise InvalidInput("name", "must begin with a letter a-z and have at most 63 characters: a-z, 0-9, _ and -")
        state.require_tenant(tenant)
        names = [webhook.name for webhook in state.inbound_webhooks.values() if webhook.tenant_id == tenant]
        if len(names) >= MAX_INBOUND_WEBHOOKS:
            raise InvalidInput("inbound_webhooks", f"a tenant has at most {MAX_INBOUND_WEBHOOKS}; delete some first")
        if name in names:
            raise StateConflict("name", f"{name} is taken; choose another one")
        created = InboundWebhook(tenant_id=tenant, id=id, name=name, created_at=now, created_by=actor.id)
        state.inbound_webhooks[tenant, id] = created
        payload = {"inbound_webhook_id": id, "name": name}
        entry = AuditEntry(tenant_id=tenant, actor=actor, category="inbound_webhook.created", payload=payload)
        append_audit(state, [entry], now)
        return created
