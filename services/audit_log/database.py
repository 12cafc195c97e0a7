"""The audit log in the database."""

from collections.abc import Sequence
from uuid import UUID

from services.audit_log import AuditEntry, AuditRow
from services.audit_log.rows import audit_from_row, entry_row
from services.database.functions import Functions


class DatabaseAuditLogger:
    """See `services.audit_log.AuditLogger`."""

    def __init__(self, functions: Functions) -> None:
        self._functions = functions

    async def append(self, entries: Sequence[AuditEntry]) -> None:
        rows = [entry_row(entry) for entry in entries]
        await self._functions.value("append_audit", entries=rows, as_of=self._functions.as_of())

    async def tail(self, tenant: UUID, *, limit: int, before: int | None = None) -> list[AuditRow]:
        rows = await self._functions.rows("tail_audit", tenant=tenant, max_rows=limit, before=before)
        return [audit_from_row(row) for row in rows]
