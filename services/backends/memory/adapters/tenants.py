"""Tenants in memory."""

from datetime import datetime
from uuid import UUID

from services.backends.memory.state import State
from services.backends.memory.worker_api.get_tenant import get_tenant
from services.backends.memory.worker_api.list_tenants import list_tenants
from services.backends.memory.worker_api.pause_tenant import pause_tenant
from services.backends.memory.worker_api.resume_tenant import resume_tenant
from services.backends.memory.worker_api.save_tenant import save_tenant
from services.backends.memory.worker_api.set_request_limits import set_request_limits
from services.envelope import Actor
from services.tenants import Tenant


class MemoryTenants:
    """See `services.tenants.Tenants`."""

    def __init__(self, state: State) -> None:
        self._state = state

    async def list_tenants(self) -> list[Tenant]:
        return list_tenants(self._state)

    async def get(self, tenant: UUID) -> Tenant:
        return get_tenant(self._state, tenant)

    async def save(self, tenant: Tenant, *, actor: Actor) -> None:
        save_tenant(self._state, tenant, actor=actor)

    async def set_request_limits(
        self, tenant: UUID, *, requests_per_minute: int | None, token_requests_per_minute: int | None, actor: Actor
    ) -> None:
        set_request_limits(
            self._state, tenant, requests_per_minute=requests_per_minute,
            token_requests_per_minute=token_requests_per_minute, actor=actor,
        )  # fmt: skip

    async def pause(self, tenant: UUID, *, actor: Actor, reason: str | None, ends_at: datetime | None = None) -> None:
        pause_tenant(self._state, tenant, actor=actor, reason=reason, ends_at=ends_at)

    async def resume(self, tenant: UUID, *, actor: Actor) -> None:
        resume_tenant(self._state, tenant, actor=actor)
