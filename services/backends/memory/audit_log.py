"""The audit log in memory."""

from collections.abc import Sequence
from datetime import datetime
from itertools import dropwhile, islice
from uuid import UUID

from services.audit_log import AuditEntry, AuditRow, Head, Link
from services.backends.memory.audit import append_audit
from services.backends.memory.check_texts import check_texts
from services.backends.memory.state import State
from services.jsonb import jsonb_text, moment_text


@check_texts
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

    async def read(
        self, tenant: UUID, *, after: int | None = None, since: datetime | None = None, limit: int
    ) -> list[Link]:
        last, _ = self._state.audit_heads.get(tenant, (0, ""))
        rows = (self._state.audit_log[tenant, seq] for seq in range(max(1, (after or 0) + 1), last + 1))
        wanted = rows if since is None else dropwhile(lambda row: row.created_at < since, rows)
        return [_link(row) for row in islice(wanted, limit)]

    async def heads(self, tenant: UUID | None = None, *, after: UUID | None = None, limit: int = 500) -> list[Head]:
        heads = [
            Head(tenant_id=known, seq=seq, hash=end, newest=seq)
            for known, (seq, end) in self._state.audit_heads.items()
        ]
        if tenant is not None:
            return [head for head in heads if head.tenant_id == tenant]
        beyond = [head for head in heads if after is None or head.tenant_id > after]
        return sorted(beyond, key=lambda head: head.tenant_id)[:limit]


def _link(row: AuditRow) -> Link:
    return Link(
        tenant_id=row.entry.tenant_id,
        seq=row.seq,
        actor_type=row.entry.actor.type,
        actor_id=row.entry.actor.id,
        category=row.entry.category,
        payload=jsonb_text(row.entry.payload),
        created_at=moment_text(row.created_at),
        previous_hash=row.previous_hash,
        hash=row.hash,
    )
