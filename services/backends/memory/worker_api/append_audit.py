"""Append audit rows that belong to no change of state."""

from collections.abc import Sequence

from services.audit_log import AuditEntry
from services.backends.memory import audit
from services.backends.memory.column_rules import require_value
from services.backends.memory.state import State


def append_audit(state: State, entries: Sequence[AuditEntry]) -> None:
    """See `services.audit_log.AuditLogger.append`."""
    for entry in entries:
        require_value("payload", entry.payload)
    with state.change() as now:
        audit.append_audit(state, entries, now)
