"""Note that a person looks at a pending approval."""

from datetime import timedelta
from uuid import UUID

from services.approvals import Viewer
from services.backends.memory.approvals import open_approvals
from services.backends.memory.check_texts import check_texts
from services.backends.memory.state import State
from services.backends.memory.worker_api.list_viewers import SHOWN_FOR, list_viewers
from services.envelope import Actor, ActorType
from services.errors import NotAllowed

WRITE_EVERY = timedelta(seconds=5)
MAX_VIEWERS = 1000


def look_at_approval(state: State, tenant: UUID, envelope: UUID, *, actor: Actor) -> list[Viewer]:
    """See `services.approvals.Approvals.look`."""
    check_texts(actor_type=actor.type, actor_id=actor.id)
    if actor.type is ActorType.AGENT:
        raise NotAllowed("actor_type: an agent may not do this")
    with state.change() as now:
        for key in [key for key, seen in state.viewers.items() if key[0] == tenant and seen <= now - SHOWN_FOR]:
            del state.viewers[key]
        of_tenant = [key for key in state.viewers if key[0] == tenant]
        is_open = any(
            (approval.tenant_id, approval.envelope_id) == (tenant, envelope) for approval in open_approvals(state)
        )
        seen_at = state.viewers.get((tenant, envelope, actor.principal))
        if is_open and len(of_tenant) < MAX_VIEWERS and (seen_at is None or seen_at <= now - WRITE_EVERY):
            state.viewers[tenant, envelope, actor.principal] = now
    return [
        viewer
        for viewer in list_viewers(state, tenant)
        if viewer.envelope_id == envelope and viewer.viewer != actor.principal
    ]
