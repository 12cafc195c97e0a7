"""Read a tenant's audit rows exactly as they are stored."""

from datetime import datetime
from itertools import dropwhile, islice
from uuid import UUID

from services.audit_log import AuditRow, RawAuditRow
from services.backends.memory.state import State
from services.jsonb import jsonb_text, moment_text


def read_audit(
    state: State, tenant: UUID, *, after: int | None, since: datetime | None, limit: int
) -> list[RawAuditRow]:
    """See `services.audit_log.AuditLogger.read`."""
    last, _ = state.audit_heads.get(tenant, (0, ""))
    rows = (state.audit_log[tenant, seq] for seq in range(max(1, (after or 0) + 1), last + 1))
    selected = rows if since is None else dropwhile(lambda row: row.created_at < since, rows)
    return [_raw_row(row) for row in islice(selected, limit)]


def _raw_row(row: AuditRow) -> RawAuditRow:
    return RawAuditRow(
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
