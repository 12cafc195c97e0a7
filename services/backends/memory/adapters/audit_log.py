"""The audit log in memory."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from services.audit_log import AuditEntry, AuditFilter, AuditRow, Changes, FoundAuditRows, Head, RawAuditRow
from services.backends.memory.state import State
from services.backends.memory.worker_api.append_audit import append_audit
from services.backends.memory.worker_api.list_audit_heads import list_audit_heads
from services.backends.memory.worker_api.moved_audit_heads import moved_audit_heads
from services.backends.memory.worker_api.read_audit import read_audit
from services.backends.memory.worker_api.read_audit_changes import read_audit_changes
from services.backends.memory.worker_api.read_envelope_audit import read_envelope_audit
from services.backends.memory.worker_api.search_audit import search_audit
from services.backends.memory.worker_api.tail_audit import tail_audit


class MemoryAuditLogger:
    """See `services.audit_log.AuditLogger`."""

    def __init__(self, state: State) -> None:
        self._state = state

    async def append(self, entries: Sequence[AuditEntry]) -> None:
        append_audit(self._state, entries)

    async def tail(self, tenant: UUID, *, limit: int, before: int | None = None) -> list[AuditRow]:
        return tail_audit(self._state, tenant, limit=limit, before=before)

    async def search(
        self, tenant: UUID, wanted: AuditFilter, *, limit: int, before: int | None = None
    ) -> FoundAuditRows:
        return search_audit(self._state, tenant, wanted, limit=limit, before=before)

    async def of_envelope(self, tenant: UUID, envelope: UUID, *, limit: int) -> list[AuditRow]:
        return read_envelope_audit(self._state, tenant, envelope, limit=limit)

    async def read(
        self, tenant: UUID, *, after: int | None = None, since: datetime | None = None, limit: int
    ) -> list[RawAuditRow]:
        return read_audit(self._state, tenant, after=after, since=since, limit=limit)

    async def heads(self, tenant: UUID | None = None, *, after: UUID | None = None, limit: int = 500) -> list[Head]:
        return list_audit_heads(self._state, tenant, after=after, limit=limit)

    async def moved_heads(self, known: Mapping[UUID, int]) -> dict[UUID, int]:
        return moved_audit_heads(self._state, known)

    async def changes(
        self, since: str | None, until: str | None, after: tuple[UUID, int] | None, *, limit: int, most_behind: int
    ) -> Changes:
        return read_audit_changes(self._state, since, until, after, limit=limit, most_behind=most_behind)
