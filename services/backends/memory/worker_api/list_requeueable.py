"""The dead letters that a drain would give back to the queue, the oldest first."""

from uuid import UUID

from services.backends.memory.envelopes import requeueable
from services.backends.memory.state import State
from services.envelope import Envelope


def list_requeueable(state: State, tenant: UUID | None, *, limit: int) -> list[Envelope]:
    """See `services.outbox.Outbox.list_requeueable`."""
    return requeueable(state, tenant, state.clock())[:limit]
