"""The pauses of a tenant that have not ended."""

from uuid import UUID

from services.backends.memory.state import State
from services.pauses import Pause


def list_pauses(state: State, tenant: UUID) -> list[Pause]:
    """See `services.pauses.Pauses.list_pauses`."""
    now = state.clock()
    return [
        pause
        for key, pause in sorted(state.pauses.items(), key=lambda item: item[0])
        if key[0] == tenant and (pause.ends_at is None or pause.ends_at > now)
    ]
