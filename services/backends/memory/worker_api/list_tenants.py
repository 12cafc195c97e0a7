"""List all tenants by name."""

from services.backends.memory.state import State
from services.backends.memory.tenants import without_ended_pause
from services.tenants import Tenant


def list_tenants(state: State) -> list[Tenant]:
    """See `services.tenants.Tenants.list_tenants`."""
    tenants = [without_ended_pause(tenant, state.clock()) for tenant in state.tenants.values()]
    return sorted(tenants, key=lambda tenant: (tenant.name, tenant.id))
