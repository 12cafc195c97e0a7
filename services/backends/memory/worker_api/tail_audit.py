"""Read a tenant's newest audit rows, the newest first."""

from uuid import UUID

from services.audit_log import AuditRow
from services.backends.memory.state import State


def tail_audit(state: State, tenant: UUID, *, limit: int, before: int | None) -> list[AuditRow]:
    """See `services.audit_log.AuditLogger.tail`."""
    last, _ = state.audit_heads.get(tenant, (0, ""))
    newest = last if before is None else min(last, before - 1)
    return [state.audit_log[tenant, seq] for seq in range(newest, max(0, newest - limit), -1)]
