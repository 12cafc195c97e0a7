"""Read the heads of audit chains. Stored outside the database, they show later whether a chain was rewritten."""

from dataclasses import dataclass
from uuid import UUID

from services.audit_log import Anchor
from services.audit_log.verify import no_audit_rows_error, read_all_heads
from services.backends import Backends


@dataclass(frozen=True, slots=True, kw_only=True)
class ChainHeads:
    """The last row of each chain."""

    anchors: tuple[Anchor, ...]
    tenants_without_head: tuple[UUID, ...]
    """Tenants that have audit rows, but no record of the last one: somebody has changed the log."""


async def anchor_audit_log(backends: Backends, tenant: UUID | None) -> ChainHeads:
    """The last seq and hash of the chain of one tenant, or of all. Raises NotFound for a tenant without audit rows."""
    heads = [head async for head in read_all_heads(backends.audit_log, tenant)]
    if tenant is not None and not heads:
        raise no_audit_rows_error(tenant)
    return ChainHeads(
        anchors=tuple(
            Anchor(tenant_id=head.tenant_id, seq=head.seq, hash=head.hash)
            for head in heads
            if head.seq is not None and head.hash is not None
        ),
        tenants_without_head=tuple(head.tenant_id for head in heads if head.seq is None),
    )
