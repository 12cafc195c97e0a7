"""Anchor audit chains: what to keep elsewhere, so that a chain written anew is found out."""

from dataclasses import dataclass
from uuid import UUID

from services.audit_log import Anchor
from services.audit_log.verify import all_heads, no_rows
from services.backends import Backends


@dataclass(frozen=True, slots=True, kw_only=True)
class Heads:
    """Where chains end now."""

    anchors: tuple[Anchor, ...]
    headless: tuple[UUID, ...]
    """Tenants whose chain has rows and no head: something is wrong there."""


async def anchor_audit_log(backends: Backends, tenant: UUID | None) -> Heads:
    """The last seq and hash of each chain, one tenant's or all. Raises NotFound where a tenant has no row."""
    heads = [head async for head in all_heads(backends.audit_log, tenant)]
    if tenant is not None and not heads:
        raise no_rows(tenant)
    return Heads(
        anchors=tuple(
            Anchor(tenant_id=head.tenant_id, seq=head.seq, hash=head.hash)
            for head in heads
            if head.seq is not None and head.hash is not None
        ),
        headless=tuple(head.tenant_id for head in heads if head.seq is None),
    )
