"""Read the audit rows about one envelope."""

from uuid import UUID

from services.audit_log import AuditRow
from services.audit_log.envelopes import envelopes_of
from services.backends.memory.state import State
from services.backends.memory.worker_api.tail_audit import tail_audit

CATEGORIES_FOUND_BY_TIME = frozenset({"envelope.proposed", "envelope.success"})
"""Rows of these categories are found by the times of the envelope. If the envelope was deleted, they are not found."""


def read_envelope_audit(state: State, tenant: UUID, envelope: UUID, *, limit: int) -> list[AuditRow]:
    """See `services.audit_log.AuditLogger.of_envelope`."""
    last, _ = state.audit_heads.get(tenant, (0, ""))
    exists = (tenant, envelope) in state.outbox or (tenant, envelope) in state.dead_letters
    rows = [
        row
        for row in tail_audit(state, tenant, limit=last, before=None)
        if any(entry.get("envelope_id") == str(envelope) for entry in envelopes_of(row.entry.payload))
        and (exists or row.entry.category not in CATEGORIES_FOUND_BY_TIME)
    ]
    return rows[:limit][::-1]
