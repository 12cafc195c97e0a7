"""List the last calls of a tool."""

from uuid import UUID

from services.backends.memory.state import State
from services.envelope import WAITING_STATUSES, Envelope


def list_last_calls(state: State, tenant: UUID, tool_slug: str, *, limit: int) -> list[Envelope]:
    """See `services.outbox.Outbox.last_calls`."""
    ended = [
        envelope
        for envelope in (*state.outbox.values(), *state.dead_letters.values())
        if (envelope.tenant_id, envelope.tool_slug) == (tenant, tool_slug) and envelope.status not in WAITING_STATUSES
    ]
    return sorted(ended, key=lambda envelope: (envelope.moved_at or envelope.updated_at, envelope.id), reverse=True)[
        :limit
    ]
