"""Tenants in memory."""

from uuid import UUID

from services.backends.memory.state import State
from services.backends.memory.worker_api.list_tenants import list_tenants
from services.backends.memory.worker_api.pause_tenant import pause_tenant
from services.backends.memory.worker_api.resume_tenant import resume_tenant
from services.backends.memory.worker_api.save_tenant import save_tenant
from services.tenants import Tenant


class MemoryTenants:
    """See `services.tenants.Tenants`."""

    def __init__(self, state: State) -> None:
        self._state = state

    async def list_tenants(self) -> list[Tenant]:
        return list_tenants(self._state)

    async def save(self, tenant: Tenant, *, by: str) -> None:
        save_tenant(self._state, tenant, by=by)

    async def pause(self, tenant: UUID, *, by: str, reason: str | None) -> None:
        pause_tenant(self._state, tenant, by=by, reason=reason)

    async def resume(self, tenant: UUID, *, by: str) -> None:
        resume_tenant(self._state, tenant, by=by)
