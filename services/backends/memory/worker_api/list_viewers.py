"""List who looks at pending approvals."""

from datetime import timedelta
from uuid import UUID

from services.approvals import Viewer
from services.backends.memory.state import State

SHOWN_FOR = timedelta(seconds=30)


def list_viewers(state: State, tenant: UUID | None) -> list[Viewer]:
    """See `services.approvals.Approvals.viewers`."""
    now = state.clock()
    return [
        Viewer(envelope_id=envelope, viewer=viewer, seen_at=seen_at)
        for (owner, envelope, viewer), seen_at in sorted(state.viewers.items())
        if tenant in {None, owner} and seen_at > now - SHOWN_FOR
    ]
