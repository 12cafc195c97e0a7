"""Stop executing a tenant's envelopes until it is resumed."""

from dataclasses import replace
from uuid import UUID

from services.backends.memory.check_texts import actor_texts, check_texts
from services.backends.memory.state import State
from services.backends.memory.tenants import next_paused_at, write_tenant
from services.envelope import Actor


def pause_tenant(state: State, tenant: UUID, *, actor: Actor, reason: str | None) -> None:
    """See `services.tenants.Tenants.pause`."""
    check_texts(**actor_texts(actor), reason=reason)
    with state.change() as now:
        before = state.require_tenant(tenant, "tenant")
        paused_reason = before.paused_reason if reason is None else reason
        paused_at = before.paused_at or next_paused_at(state, before, now)
        write_tenant(state, before, replace(before, paused_at=paused_at, paused_reason=paused_reason), actor, now)
