"""Read a tenant's newest audit rows that meet conditions."""

from uuid import UUID

from services.audit_log import AuditFilter, AuditRow, FoundAuditRows
from services.backends.memory.state import State
from services.backends.memory.worker_api.tail_audit import tail_audit


def search_audit(state: State, tenant: UUID, wanted: AuditFilter, *, limit: int, before: int | None) -> FoundAuditRows:
    """See `services.audit_log.AuditLogger.search`. It always reads all rows."""
    last, _ = state.audit_heads.get(tenant, (0, ""))
    rows = [row for row in tail_audit(state, tenant, limit=last, before=before) if _meets_filter(row, wanted)]
    return FoundAuditRows(rows=rows[:limit], searched_to=None)


def _meets_filter(row: AuditRow, wanted: AuditFilter) -> bool:
    category = row.entry.category
    begins = wanted.category is not None and wanted.category.endswith(".") and category.startswith(wanted.category)
    return (
        (wanted.category in {None, category} or begins)
        and wanted.actor in {None, row.entry.actor.id, row.entry.actor.principal}
        and (wanted.since is None or row.created_at >= wanted.since)
        and (wanted.until is None or row.created_at < wanted.until)
    )
