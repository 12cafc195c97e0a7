"""Delete an inbound webhook, so that it accepts no more events."""

from uuid import UUID

from services.audit_log import AuditEntry
from services.backends.memory.audit import append_audit
from services.backends.memory.check_texts import actor_texts, check_texts
from services.backends.memory.state import State
from services.envelope import Actor
from services.errors import NotFound
from services.subscriptions.inbound import InboundWebhook


def delete_inbound_webhook(state: State, tenant: UUID, id: UUID, *, actor: Actor) -> InboundWebhook:  # noqa: A002
    """See `services.subscriptions.inbound.InboundWebhooks.delete`."""
    check_texts(**actor_texts(actor))
    with state.change() as now:
        deleted = state.inbound_webhooks.pop((tenant, id), None)
        if deleted is None:
            raise NotFound("inbound webhook", id)
        payload = {"inbound_webhook_id": id, "name": deleted.name}
        entry = AuditEntry(tenant_id=tenant, actor=actor, category="inbound_webhook.deleted", payload=payload)
        append_audit(state, [entry], now)
        return deleted
