"""End a tenant's pause."""

from dataclasses import replace
from uuid import UUID

from services.backends.memory.check_texts import actor_texts, check_texts
from services.backends.memory.lanes import release_held
from services.backends.memory.state import State
from services.backends.memory.tenants import write_tenant
from services.envelope import Actor


def resume_tenant(state: State, tenant: UUID, *, actor: Actor) -> None:
    """See `services.tenants.Tenants.resume`."""
    check_texts(**actor_texts(actor))
    with state.change() as now:
        before = state.require_tenant(tenant, "tenant")
        release_held(state, tenant, {"paused"}, now)
        after = replace(before, paused_at=None, paused_reason=None, pause_ends_at=None)
        write_tenant(state, before, after, actor, now)
