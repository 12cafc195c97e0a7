"""List the ends of the tenants' audit chains."""

from uuid import UUID

from services.audit_log import Head
from services.backends.memory.state import State


def list_audit_heads(state: State, tenant: UUID | None, *, after: UUID | None, limit: int) -> list[Head]:
    """See `services.audit_log.AuditLogger.heads`."""
    heads = [Head(tenant_id=id_, seq=seq, hash=hash_, newest=seq) for id_, (seq, hash_) in state.audit_heads.items()]
    if tenant is not None:
        return [head for head in heads if head.tenant_id == tenant]
    later = [head for head in heads if after is None or head.tenant_id > after]
    return sorted(later, key=lambda head: head.tenant_id)[:limit]
