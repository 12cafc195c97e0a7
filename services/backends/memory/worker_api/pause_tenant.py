"""Stop executing a tenant's envelopes until a given time, or until a person resumes the tenant."""

from dataclasses import replace
from datetime import datetime
from uuid import UUID

from services.backends.memory.check_texts import actor_texts, check_texts
from services.backends.memory.lanes import release_held
from services.backends.memory.state import State
from services.backends.memory.tenants import next_paused_at, without_ended_pause, write_tenant
from services.envelope import Actor
from services.errors import InvalidInput


def pause_tenant(state: State, tenant: UUID, *, actor: Actor, reason: str | None, ends_at: datetime | None) -> None:
    """See `services.tenants.Tenants.pause`."""
    check_texts(**actor_texts(actor), reason=reason)
    with state.change() as now:
        if ends_at is not None and ends_at <= now:
            raise InvalidInput("ends_at", "must be later than now")
        before = state.require_tenant(tenant, "tenant")
        shown = without_ended_pause(before, now)
        if shown.paused_at is not None:
            release_held(state, tenant, {"paused"}, now)
        after = replace(
            before,
            paused_at=shown.paused_at or next_paused_at(state, before, now),
            paused_reason=shown.paused_reason if reason is None else reason,
            pause_ends_at=ends_at,
        )
        write_tenant(state, before, after, actor, now)
