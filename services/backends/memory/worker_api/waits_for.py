"""Find the earlier open envelope with the same ordering key that an envelope waits for."""

from uuid import UUID

from services.backends.memory.lanes import ordering_key
from services.backends.memory.state import State
from services.envelope import OPEN_STATUSES, Envelope


def waits_for(state: State, tenant: UUID, envelope: UUID) -> Envelope | None:
    """See `services.outbox.Outbox.waits_for`."""
    waiting = state.outbox.get((tenant, envelope))
    if waiting is None or (key := ordering_key(waiting)) is None:
        return None
    older = [
        other
        for other in state.outbox.values()
        if (other.tenant_id, ordering_key(other)) == (tenant, key)
        and other.status in OPEN_STATUSES
        and (other.created_at, other.id) < (waiting.created_at, waiting.id)
    ]
    return min(older, key=lambda other: (other.created_at, other.id), default=None)
