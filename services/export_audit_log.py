"""Export a tenant's audit chain, row by row."""

from collections.abc import AsyncIterator
from datetime import datetime
from uuid import UUID

from services.audit_log import RawAuditRow
from services.audit_log.digest import created_at_of
from services.audit_log.verify import Say, no_audit_rows_error, read_all_rows
from services.backends import Backends
from services.errors import InvalidInput


async def export_audit_log(
    backends: Backends, tenant: UUID, *, after: int | None, since: datetime | None, until: datetime | None, say: Say
) -> AsyncIterator[RawAuditRow]:
    """A tenant's audit rows, oldest first, up to the newest one at the time of the call.

    The rows begin after seq `after`, or with the first row created at `since` or later. They end before the first row
    created at `until` or later. Raises NotFound for a tenant without rows, InvalidInput for both `after` and `since`.
    """
    if since is not None and after is not None:
        raise InvalidInput("after", "cannot be combined with since; leave one of them out")
    heads = await backends.audit_log.heads(tenant)
    if not heads:
        raise no_audit_rows_error(tenant)
    async for row in read_all_rows(backends.audit_log, tenant, after=after, since=since, to=heads[0].newest, say=say):
        created_at = created_at_of(row)
        if until is not None and created_at is not None and created_at >= until:
            return
        yield row
