"""Get a tenant."""

from uuid import UUID

from services.backends.memory.state import State
from services.backends.memory.tenants import without_ended_pause
from services.tenants import Tenant


def get_tenant(state: State, tenant: UUID) -> Tenant:
    """See `services.tenants.Tenants.get`."""
    return without_ended_pause(state.require_tenant(tenant, "tenant"), state.clock())
