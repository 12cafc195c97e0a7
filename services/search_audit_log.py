"""Search a tenant's audit log until enough is found."""

import time
from datetime import timedelta
from uuid import UUID

from services.audit_log import AuditFilter, FoundAuditRows
from services.backends import Backends


async def search_audit_log(
    backends: Backends, tenant: UUID, wanted: AuditFilter, *, limit: int, before: int | None, within: timedelta
) -> FoundAuditRows:
    """The newest rows that meet these conditions.

    Goes on until it has found enough, has read all, or this time has passed: see `searched_to`.
    """
    ends_at = time.monotonic() + within.total_seconds()
    found = await backends.audit_log.search(tenant, wanted, limit=limit, before=before)
    rows = found.rows
    while found.searched_to is not None and len(rows) < limit and time.monotonic() < ends_at:
        found = await backends.audit_log.search(tenant, wanted, limit=limit - len(rows), before=found.searched_to)
        rows = [*rows, *found.rows]
    return FoundAuditRows(rows=rows, searched_to=found.searched_to if len(rows) < limit else None)
