"""Append to and read the audit log in the database."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from services.audit_log import AuditEntry, AuditFilter, AuditRow, Changes, FoundAuditRows, Head, RawAuditRow
from services.backends.functions import Functions
from services.backends.rows.audit_log import audit_from_row, entry_row, head_from_row, raw_audit_from_row


class DatabaseAuditLogger:
    """See `services.audit_log.AuditLogger`."""

    def __init__(self, functions: Functions) -> None:
        self._functions = functions

    async def append(self, entries: Sequence[AuditEntry]) -> None:
        rows = [entry_row(entry) for entry in entries]
        await self._functions.call("append_audit", entries=rows, as_of=self._functions.as_of())

    async def tail(self, tenant: UUID, *, limit: int, before: int | None = None) -> list[AuditRow]:
        rows = await self._functions.call("tail_audit", tenant=tenant, max_rows=limit, before=before)
        return [audit_from_row(row) for row in rows]

    async def search(
        self, tenant: UUID, wanted: AuditFilter, *, limit: int, before: int | None = None
    ) -> FoundAuditRows:
        answer = await self._functions.call(
            "search_audit", tenant=tenant, max_rows=limit, before=before, category=wanted.category,
            actor=wanted.actor, since=wanted.since, until=wanted.until,
        )  # fmt: skip
        return FoundAuditRows(rows=[audit_from_row(row) for row in answer["rows"]], searched_to=answer["searched_to"])

    async def of_envelope(self, tenant: UUID, envelope: UUID, *, limit: int) -> list[AuditRow]:
        rows = await self._functions.call("read_envelope_audit", tenant=tenant, envelope=envelope, max_rows=limit)
        return [audit_from_row(row) for row in rows]

    async def read(
        self, tenant: UUID, *, after: int | None = None, since: datetime | None = None, limit: int
    ) -> list[RawAuditRow]:
        rows = await self._functions.call("read_audit", tenant=tenant, after=after, max_rows=limit, since=since)
        return [raw_audit_from_row(row) for row in rows]

    async def heads(self, tenant: UUID | None = None, *, after: UUID | None = None, limit: int = 500) -> list[Head]:
        rows = await self._functions.call("list_audit_heads", tenant=tenant, after=after, max_heads=limit)
        return [head_from_row(row) for row in rows]

    async def moved_heads(self, known: Mapping[UUID, int]) -> dict[UUID, int]:
        heads = await self._functions.call("moved_audit_heads", tenants=list(known), seqs=list(known.values()))
        return {UUID(tenant): seq for tenant, seq in heads.items()}

    async def changes(
        self, since: str | None, until: str | None, after: tuple[UUID, int] | None, *, limit: int, most_behind: int
    ) -> Changes:
        tenant, seq = after or (None, None)
        answer = await self._functions.call(
            "read_audit_changes", since=since, until=until, after_tenant=tenant, after_seq=seq, max_rows=limit,
            most_behind=most_behind,
        )  # fmt: skip
        rows = answer["rows"]
        return Changes(until=answer["until"], rows=None if rows is None else [raw_audit_from_row(row) for row in rows])
