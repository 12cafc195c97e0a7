"""Read a tenant's audit rows exactly as they are stored."""

from datetime import datetime
from itertools import dropwhile, islice
from uuid import UUID

from services.audit_log import RawAuditRow
from services.backends.memory.audit import raw_row
from services.backends.memory.state import State


def read_audit(
    state: State, tenant: UUID, *, after: int | None, since: datetime | None, limit: int
) -> list[RawAuditRow]:
    """See `services.audit_log.AuditLogger.read`."""
    last, _ = state.audit_heads.get(tenant, (0, ""))
    rows = (state.audit_log[tenant, seq] for seq in range(max(1, (after or 0) + 1), last + 1))
    selected = rows if since is None else dropwhile(lambda row: row.created_at < since, rows)
    return [raw_row(row) for row in islice(selected, limit)]
