"""List all tenants by name."""

from services.backends.memory.state import State
from services.tenants import Tenant


def list_tenants(state: State) -> list[Tenant]:
    """See `services.tenants.Tenants.list_tenants`."""
    return sorted(state.tenants.values(), key=lambda tenant: (tenant.name, tenant.id))
