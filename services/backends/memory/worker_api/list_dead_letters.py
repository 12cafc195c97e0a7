"""List dead letters, the oldest first."""

from uuid import UUID

from services.backends.memory.envelopes import dead_letters_of
from services.backends.memory.state import State
from services.envelope import Envelope, Status


def list_dead_letters(state: State, tenant: UUID | None, *, limit: int, status: Status | None) -> list[Envelope]:
    """See `services.outbox.Outbox.list_dead_letters`."""
    return [dead for dead in dead_letters_of(state, tenant) if status in {None, dead.status}][:limit]
