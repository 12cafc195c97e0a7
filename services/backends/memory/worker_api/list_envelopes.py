"""List the envelopes of the outbox, the newest first."""

from uuid import UUID

from services.backends.memory.state import State
from services.envelope import Envelope, Status


def list_envelopes(state: State, tenant: UUID | None, *, status: Status | None, limit: int) -> list[Envelope]:
    """See `services.outbox.Outbox.list_envelopes`."""
    envelopes = [
        envelope
        for envelope in state.outbox.values()
        if tenant in {None, envelope.tenant_id} and status in {None, envelope.status}
    ]
    return sorted(envelopes, key=lambda envelope: (envelope.created_at, envelope.id), reverse=True)[:limit]
