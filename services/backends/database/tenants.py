"""List, save, pause and resume tenants in the database."""

from datetime import datetime
from uuid import UUID

from services.backends.functions import Functions, by
from services.backends.rows.tenants import tenant_from_row
from services.envelope import Actor
from services.errors import NotFound
from services.tenants import Tenant


class DatabaseTenants:
    """See `services.tenants.Tenants`."""

    def __init__(self, functions: Functions) -> None:
        self._functions = functions

    async def list_tenants(self) -> list[Tenant]:
        return [
            tenant_from_row(row) for row in await self._functions.call("list_tenants", as_of=self._functions.as_of())
        ]

    async def get(self, tenant: UUID) -> Tenant:
        row = await self._functions.call("get_tenant", tenant=tenant, as_of=self._functions.as_of())
        if row is None:
            raise NotFound("tenant", tenant)
        return tenant_from_row(row)

    async def save(self, tenant: Tenant, *, actor: Actor) -> None:
        await self._functions.call(
            "save_tenant", tenant=tenant.id, name=tenant.name, plan=tenant.plan, lanes=tenant.lanes, **by(actor),
            as_of=self._functions.as_of(),
        )  # fmt: skip

    async def set_request_limits(
        self, tenant: UUID, *, requests_per_minute: int | None, token_requests_per_minute: int | None, actor: Actor
    ) -> None:
        await self._functions.call(
            "set_request_limits", tenant=tenant, requests_per_minute=requests_per_minute,
            token_requests_per_minute=token_requests_per_minute, **by(actor), as_of=self._functions.as_of(),
        )  # fmt: skip

    async def pause(self, tenant: UUID, *, actor: Actor, reason: str | None, ends_at: datetime | None = None) -> None:
        await self._functions.call(
            "pause_tenant", tenant=tenant, **by(actor), reason=reason, ends_at=ends_at, as_of=self._functions.as_of()
        )

    async def resume(self, tenant: UUID, *, actor: Actor) -> None:
        await self._functions.call("resume_tenant", tenant=tenant, **by(actor), as_of=self._functions.as_of())
