"""Tenants over a direct connection."""

from uuid import UUID

from services.database.pool import Pool
from services.database.queries import read_queries
from services.tenants import Tenant
from services.tenants.rows import tenant_from_row

QUERIES = read_queries(__package__)


class PostgresTenants:
    """See `services.tenants.Tenants`."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def list_tenants(self) -> list[Tenant]:
        return [tenant_from_row(row) for row in await self._pool.rows(QUERIES["list_tenants"])]

    async def save(self, tenant: Tenant, *, by: str) -> None:
        await self._pool.value(
            "select worker_api.save_tenant($1, $2, $3, $4, $5, $6)",
            tenant.id, tenant.name, tenant.plan, tenant.lanes, by, self._pool.as_of(),
        )  # fmt: skip

    async def pause(self, tenant: UUID, *, by: str, reason: str | None) -> None:
        await self._pool.value("select worker_api.pause_tenant($1, $2, $3, $4)", tenant, by, reason, self._pool.as_of())

    async def resume(self, tenant: UUID, *, by: str) -> None:
        await self._pool.value("select worker_api.resume_tenant($1, $2, $3)", tenant, by, self._pool.as_of())
