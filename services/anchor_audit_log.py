"""Anchor audit chains: what to keep elsewhere, so that a chain written anew is found out."""

from dataclasses import dataclass
from uuid import UUID

from services.audit_log import Anchor
from services.audit_log.verify import no_audit_rows, read_all_heads
from services.backends import Backends


@dataclass(frozen=True, slots=True, kw_only=True)
class ChainHeads:
    """Where chains end now."""

    anchors: tuple[Anchor, ...]
    tenants_without_head: tuple[UUID, ...]
    """Tenants whose chain has rows and no head: something is wrong there."""


async def anchor_audit_log(backends: Backends, tenant: UUID | None) -> ChainHeads:
    """The last seq and hash of each chain, one tenant's or all. Raises NotFound where a tenant has no row."""
    heads = [head async for head in read_all_heads(backends.audit_log, tenant)]
    if tenant is not None and not heads:
        raise no_audit_rows(tenant)
    return ChainHeads(
        anchors=tuple(
            Anchor(tenant_id=head.tenant_id, seq=head.seq, hash=head.hash)
            for head in heads
            if head.seq is not None and head.hash is not None
        ),
        tenants_without_head=tuple(head.tenant_id for head in heads if head.seq is None),
    )
