"""List the envelopes of the outbox, the newest first."""

from uuid import UUID

from services.backends.memory.state import State
from services.envelope import Envelope, Status
from services.outbox import PageEnd


def list_envelopes(
    state: State,
    tenant: UUID | None,
    *,
    status: Status | None,
    limit: int,
    after: PageEnd | None,
    tool_slug: str | None,
    external_id: str | None,
) -> list[Envelope]:
    """See `services.outbox.Outbox.list_envelopes`."""
    envelopes = [
        envelope
        for envelope in state.outbox.values()
        if tenant in {None, envelope.tenant_id}
        and status in {None, envelope.status}
        and tool_slug in {None, envelope.tool_slug}
        and external_id in {None, envelope.external_id}
        and (after is None or (envelope.created_at, envelope.id) < after)
    ]
    return sorted(envelopes, key=lambda envelope: (envelope.created_at, envelope.id), reverse=True)[:limit]
