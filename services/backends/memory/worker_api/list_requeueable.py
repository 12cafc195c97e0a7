"""List the dead letters that a drain would requeue, the oldest first."""

from uuid import UUID

from services.backends.memory.envelopes import dead_letters_of, is_requeueable
from services.backends.memory.state import State
from services.envelope import Envelope


def list_requeueable(state: State, tenant: UUID | None, *, limit: int) -> list[Envelope]:
    """See `services.outbox.Outbox.list_requeueable`."""
    now = state.clock()
    return [dead for dead in dead_letters_of(state, tenant) if is_requeueable(dead, now)][:limit]
