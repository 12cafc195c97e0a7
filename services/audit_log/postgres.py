"""The audit log over a direct connection."""

from collections.abc import Sequence
from uuid import UUID

from services.audit_log import AuditEntry, AuditRow
from services.audit_log.rows import audit_from_row, entry_row
from services.database.pool import Pool
from services.database.queries import read_queries

QUERIES = read_queries(__package__)


class PostgresAuditLogger:
    """See `services.audit_log.AuditLogger`."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def append(self, entries: Sequence[AuditEntry]) -> None:
        rows = [entry_row(entry) for entry in entries]
        await self._pool.value("select worker_api.append_audit($1, $2)", rows, self._pool.as_of())

    async def tail(self, tenant: UUID, *, limit: int, before: int | None = None) -> list[AuditRow]:
        return [audit_from_row(row) for row in await self._pool.rows(QUERIES["tail"], tenant, limit, before)]
