"""Compute how long it takes until a lane has something for a worker."""

from datetime import timedelta
from uuid import UUID

from services.backends.memory.state import State


def due_in(state: State, tenant: UUID | None) -> timedelta | None:
    """See `services.outbox.Outbox.due_in`."""
    moments = [
        lane.ready_at
        for (owner, _), lane in state.lanes.items()
        if tenant in {None, owner} and lane.ready_at is not None
    ]
    return min(moments) - state.clock() if moments else None
