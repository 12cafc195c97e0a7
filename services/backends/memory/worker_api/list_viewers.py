"""List who looks at pending approvals."""

from collections import Counter
from datetime import timedelta
from uuid import UUID

from services.approvals import Viewer
from services.backends.memory.state import State

SHOWN_FOR = timedelta(seconds=30)
MAX_OF_ONE_TENANT = 1000
MAX_OF_EACH_TENANT = 100


def list_viewers(state: State, tenant: UUID | None) -> list[Viewer]:
    """See `services.approvals.Approvals.viewers`."""
    now, limit = state.clock(), MAX_OF_EACH_TENANT if tenant is None else MAX_OF_ONE_TENANT
    listed, found = Counter[UUID](), list[Viewer]()
    for (owner, envelope, viewer), seen_at in sorted(state.viewers.items()):
        if tenant in {None, owner} and seen_at > now - SHOWN_FOR and listed[owner] < limit:
            listed[owner] += 1
            found.append(Viewer(envelope_id=envelope, viewer=viewer, seen_at=seen_at))
    return found
