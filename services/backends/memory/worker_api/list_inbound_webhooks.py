"""The inbound webhooks of a tenant."""

from uuid import UUID

from services.backends.memory.state import State
from services.subscriptions.inbound import InboundWebhook


def list_inbound_webhooks(state: State, tenant: UUID) -> list[InboundWebhook]:
    """See `services.subscriptions.inbound.InboundWebhooks.list_inbound`."""
    return sorted(
        (webhook for webhook in state.inbound_webhooks.values() if webhook.tenant_id == tenant), key=lambda w: w.name
    )
