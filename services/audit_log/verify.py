"""Read the audit log page by page and check its chains. Rows may be appended meanwhile."""

from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from datetime import datetime
from uuid import UUID

from services.audit_log import Anchor, AuditLogger, Head, RawAuditRow
from services.audit_log.chain import ChainCheck
from services.audit_log.problems import Findings
from services.errors import ControlPlaneError, NotFound

PAGE_SIZE = 1000
"""Rows read with one call."""
PROGRESS_EVERY = 100_000
"""Rows between two lines of progress."""
Say = Callable[[str], None]
Anchors = Mapping[UUID, Sequence[Anchor]]


def no_audit_rows_error(tenant: UUID) -> NotFound:
    """The error for a tenant without audit rows, which is unknown or new."""
    return NotFound("audit rows", tenant, f"no audit rows of {tenant}", field="tenant")


async def verify(log: AuditLogger, tenant: UUID | None, anchors: Anchors, *, say: Say) -> AsyncIterator[Findings]:
    """The findings on this tenant, or on every tenant that has rows, a head or an anchor."""
    checked = set()
    async for head in read_all_heads(log, tenant):
        checked.add(head.tenant_id)
        yield await verify_tenant(log, head, anchors.get(head.tenant_id, ()), say=say)
    for anchored_tenant in anchors:
        if anchored_tenant not in checked and tenant in {None, anchored_tenant}:
            # this tenant has an anchor and no rows: all its rows were deleted
            no_head = Head(tenant_id=anchored_tenant, seq=None, hash=None, newest=None)
            yield await verify_tenant(log, no_head, anchors[anchored_tenant], say=say)


async def verify_tenant(log: AuditLogger, head: Head, anchors: Iterable[Anchor], *, say: Say) -> Findings:
    """The findings on the rows that existed when the head was read; rows appended later are left out.

    If the tenant's rows cannot be read, that is a finding. Raises NotReady if the database is unreachable.
    """
    check = ChainCheck(head.tenant_id, head=head, anchors=anchors)
    try:
        async for row in read_all_rows(log, head.tenant_id, to=head.newest, say=say):
            check.add(row)
    except ControlPlaneError as exc:
        await log.heads(head.tenant_id)  # raises NotReady if the database is unreachable
        return check.abort(str(exc))
    return check.finish()


def verify_rows(rows: Iterable[RawAuditRow], tenant: UUID | None, anchors: Anchors, *, say: Say) -> list[Findings]:
    """The findings on the rows of an export, which may begin with any row and need not end with the last one."""
    checks: dict[UUID, ChainCheck] = {}
    for count, row in enumerate(rows, start=1):
        if tenant in {None, row.tenant_id}:
            if row.tenant_id not in checks:
                checks[row.tenant_id] = ChainCheck(row.tenant_id, anchors=anchors.get(row.tenant_id, ()), whole=False)
            checks[row.tenant_id].add(row)
        if count % PROGRESS_EVERY == 0:
            say(f"{count} rows")
    return [check.finish() for check in checks.values()]


async def read_all_heads(log: AuditLogger, tenant: UUID | None = None) -> AsyncIterator[Head]:
    """The head of this tenant, or of all tenants, read page by page."""
    page = await log.heads(tenant, limit=PAGE_SIZE)
    while page:
        for head in page:
            yield head
        page = [] if tenant is not None else await log.heads(after=page[-1].tenant_id, limit=PAGE_SIZE)


async def read_all_rows(
    log: AuditLogger, tenant: UUID, *, after: int | None = None, since: datetime | None = None, to: int | None, say: Say
) -> AsyncIterator[RawAuditRow]:
    """A tenant's unchecked rows, read page by page. Without `to`, reading may never end while rows are appended."""
    page, count = await log.read(tenant, after=after, since=since, limit=PAGE_SIZE), 0
    while page:
        for row in page:
            if row.seq is not None and to is not None and row.seq > to:
                return
            yield row
            count += 1
            if count % PROGRESS_EVERY == 0:
                say(f"{tenant}: {count} rows")
        last = page[-1].seq
        page = [] if last is None or last == to else await log.read(tenant, after=last, limit=PAGE_SIZE)
