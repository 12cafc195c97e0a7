"""Create a new signing secret for an inbound webhook."""

from dataclasses import replace
from uuid import UUID

from services.audit_log import AuditEntry
from services.backends.memory.audit import append_audit
from services.backends.memory.check_texts import actor_texts, check_texts
from services.backends.memory.state import State
from services.envelope import Actor
from services.errors import NotFound
from services.subscriptions.inbound import InboundWebhook


def rotate_inbound_secret(state: State, tenant: UUID, id: UUID, *, actor: Actor) -> InboundWebhook:  # noqa: A002
    """See `services.subscriptions.inbound.InboundWebhooks.rotate_secret`."""
    check_texts(**actor_texts(actor))
    with state.change() as now:
        if (tenant, id) not in state.inbound_webhooks:
            raise NotFound("inbound webhook", id)
        found = state.inbound_webhooks[tenant, id]
        changed = replace(found, secret_version=found.secret_version + 1, secret_rotated_at=now)
        state.inbound_webhooks[tenant, id] = changed
        payload = {"inbound_webhook_id": id, "name": found.name, "secret_version": changed.secret_version}
        entry = AuditEntry(tenant_id=tenant, actor=actor, category="inbound_webhook.secret_rotated", payload=payload)
        append_audit(state, [entry], now)
        return changed
