"""Read the audit rows of all tenants that were appended between two moments."""

from itertools import islice
from uuid import UUID

from services.audit_log import Changes
from services.backends.memory.audit import raw_row
from services.backends.memory.state import State


def read_audit_changes(
    state: State, since: str | None, until: str | None, after: tuple[UUID, int] | None, *, limit: int, most_behind: int
) -> Changes:
    """See `services.audit_log.AuditLogger.changes`. In memory a snapshot is one more than the number of rows."""
    newest = len(state.audit_log)
    seen, wanted = (newest if text is None else int(text.partition(":")[0]) - 1 for text in (since, until))
    if not 0 <= newest - seen <= most_behind or wanted > newest:
        return Changes(until=_snapshot_text(newest), rows=None)
    appended = islice(state.audit_log.items(), seen, wanted)
    found = sorted((key, row) for key, row in appended if after is None or key > after)
    return Changes(until=_snapshot_text(wanted), rows=[raw_row(row) for _, row in found[:limit]])


def _snapshot_text(number: int) -> str:
    return f"{number + 1}:{number + 1}:"
