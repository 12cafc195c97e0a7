"""Set the request limits of a tenant."""

from dataclasses import replace
from uuid import UUID

from services.backends.memory.check_texts import actor_texts, check_texts
from services.backends.memory.state import State
from services.backends.memory.tenants import write_tenant
from services.envelope import Actor
from services.errors import InvalidInput


def set_request_limits(
    state: State,
    tenant: UUID,
    *,
    requests_per_minute: int | None,
    token_requests_per_minute: int | None,
    actor: Actor,
) -> None:
    """See `services.tenants.Tenants.set_request_limits`."""
    check_texts(**actor_texts(actor))
    limits = {"requests_per_minute": requests_per_minute, "token_requests_per_minute": token_requests_per_minute}
    for field, limit in limits.items():
        if limit is not None and limit < 0:
            raise InvalidInput(field, "must not be negative")
    with state.change() as now:
        before = state.require_tenant(tenant, "tenant")
        after = replace(
            before, requests_per_minute=requests_per_minute, token_requests_per_minute=token_requests_per_minute
        )
        write_tenant(state, before, after, actor, now)
