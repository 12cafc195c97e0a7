"""Read the log page by page and check its chains, while others go on appending to it."""

from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from datetime import datetime
from uuid import UUID

from services.audit_log import Anchor, AuditLogger, Head, RawAuditRow
from services.audit_log.chain import ChainCheck
from services.audit_log.problems import Findings
from services.errors import ControlPlaneError, NotFound

PAGE = 1000
"""Rows read at once."""
TELL_EVERY = 100_000
"""Rows between two lines of progress."""
Say = Callable[[str], None]
Anchors = Mapping[UUID, Sequence[Anchor]]


def no_audit_rows(tenant: UUID) -> NotFound:
    """A tenant without a row is none, or a new one."""
    return NotFound("audit rows", tenant, f"no audit rows of {tenant}", field="tenant")


async def verify(log: AuditLogger, tenant: UUID | None, anchors: Anchors, *, say: Say) -> AsyncIterator[Findings]:
    """The findings of one tenant, or of every one, that has rows, a head or an anchor."""
    seen = set()
    async for head in read_all_heads(log, tenant):
        seen.add(head.tenant_id)
        yield await verify_tenant(log, head, anchors.get(head.tenant_id, ()), say=say)
    for gone in anchors:
        if gone not in seen and tenant in {None, gone}:  # not a row is left
            yield await verify_tenant(
                log, Head(tenant_id=gone, seq=None, hash=None, newest=None), anchors[gone], say=say
            )


async def verify_tenant(log: AuditLogger, head: Head, anchors: Iterable[Anchor], *, say: Say) -> Findings:
    """The rows up to the newest that was there when the head was read; what is appended meanwhile is left out.

    Rows that cannot be read are their tenant's trouble alone. Raises NotReady where the database is away for everybody.
    """
    chain = ChainCheck(head.tenant_id, head=head, anchors=anchors)
    try:
        async for link in read_all_rows(log, head.tenant_id, to=head.newest, say=say):
            chain.take(link)
    except ControlPlaneError as exc:
        await log.heads(head.tenant_id)
        return chain.abort(str(exc))
    return chain.close()


def verify_rows(links: Iterable[RawAuditRow], tenant: UUID | None, anchors: Anchors, *, say: Say) -> list[Findings]:
    """The findings of an export: of rows that may begin anywhere, and of which no head tells where they end."""
    chains: dict[UUID, ChainCheck] = {}
    for count, link in enumerate(links, start=1):
        if tenant in {None, link.tenant_id}:
            if link.tenant_id not in chains:
                chains[link.tenant_id] = ChainCheck(
                    link.tenant_id, anchors=anchors.get(link.tenant_id, ()), whole=False
                )
            chains[link.tenant_id].take(link)
        if count % TELL_EVERY == 0:
            say(f"{count} rows")
    return [chain.close() for chain in chains.values()]


async def read_all_heads(log: AuditLogger, tenant: UUID | None = None) -> AsyncIterator[Head]:
    """Every tenant's, or one's, page by page."""
    page = await log.heads(tenant, limit=PAGE)
    while page:
        for head in page:
            yield head
        page = [] if tenant is not None else await log.heads(after=page[-1].tenant_id, limit=PAGE)


async def read_all_rows(
    log: AuditLogger, tenant: UUID, *, after: int | None = None, since: datetime | None = None, to: int | None, say: Say
) -> AsyncIterator[RawAuditRow]:
    """A tenant's rows word for word, page by page, up to a seq: a log may grow faster than it is read."""
    page, count = await log.read(tenant, after=after, since=since, limit=PAGE), 0
    while page:
        for link in page:
            if link.seq is not None and to is not None and link.seq > to:
                return
            yield link
            count += 1
            if count % TELL_EVERY == 0:
                say(f"{tenant}: {count} rows")
        last = page[-1].seq
        page = [] if last is None or last == to else await log.read(tenant, after=last, limit=PAGE)
