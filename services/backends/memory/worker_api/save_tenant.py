"""Insert or update a tenant."""

from dataclasses import replace

from services.backends.memory.check_texts import actor_texts, check_texts
from services.backends.memory.state import State
from services.backends.memory.tenants import write_tenant
from services.envelope import Actor
from services.errors import InvalidInput
from services.tenants import Tenant

MAX_LANES = 256


def save_tenant(state: State, tenant: Tenant, *, actor: Actor) -> None:
    """See `services.tenants.Tenants.save`."""
    check_texts(name=tenant.name, plan=tenant.plan, **actor_texts(actor))
    if not 1 <= tenant.lanes <= MAX_LANES:
        raise InvalidInput("lanes", f"must be from 1 to {MAX_LANES}")
    if tenant.name == "":
        raise InvalidInput("name", "must not be empty")
    with state.change() as now:
        before = state.tenants.get(tenant.id)
        existing = before or Tenant(id=tenant.id, name=tenant.name)
        after = replace(
            tenant,
            paused_at=existing.paused_at,
            paused_reason=existing.paused_reason,
            pause_ends_at=existing.pause_ends_at,
            requests_per_minute=existing.requests_per_minute,
            token_requests_per_minute=existing.token_requests_per_minute,
        )
        write_tenant(state, before, after, actor, now)
