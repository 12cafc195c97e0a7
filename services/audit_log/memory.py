"""The audit log in memory."""

from collections.abc import Sequence
from uuid import UUID

from services.audit_log import AuditEntry, AuditRow
from services.memory.audit import append_audit
from services.memory.state import State


class MemoryAuditLogger:
    """See `services.audit_log.AuditLogger`."""

    def __init__(self, state: State) -> None:
        self._state = state

    async def append(self, entries: Sequence[AuditEntry]) -> None:
        with self._state.change() as now:
            append_audit(self._state, entries, now)

    async def tail(self, tenant: UUID, *, limit: int, before: int | None = None) -> list[AuditRow]:
        last, _ = self._state.audit_heads.get(tenant, (0, ""))
        newest = last if before is None else min(last, before - 1)
        return [self._state.audit_log[tenant, seq] for seq in range(newest, max(0, newest - limit), -1)]
