"""Export a tenant's audit chain, row by row."""

from collections.abc import AsyncIterator
from datetime import datetime
from uuid import UUID

from services.audit_log import RawAuditRow
from services.audit_log.digest import created_at_of
from services.audit_log.verify import Say, no_audit_rows, read_all_rows
from services.backends import Backends
from services.errors import InvalidInput


async def export_audit_log(
    backends: Backends, tenant: UUID, *, after: int | None, since: datetime | None, until: datetime | None, say: Say
) -> AsyncIterator[RawAuditRow]:
    """A tenant's rows, the oldest first and without a gap, up to the newest that there is at the beginning.

    They begin after seq `after`, or with the first row made at `since` or later, and end before the first made at
    `until` or later. Raises NotFound where there is no row, InvalidInput where both say where to begin.
    """
    if since is not None and after is not None:
        raise InvalidInput("after", "says where to begin, as since does; leave one out")
    heads = await backends.audit_log.heads(tenant)
    if not heads:
        raise no_audit_rows(tenant)
    async for link in read_all_rows(backends.audit_log, tenant, after=after, since=since, to=heads[0].newest, say=say):
        made_at = created_at_of(link)
        if until is not None and made_at is not None and made_at >= until:
            return
        yield link
