"""End a grant now."""

from dataclasses import replace
from uuid import UUID

from services.audit_log import AuditEntry
from services.backends.memory.audit import append_audit
from services.backends.memory.check_texts import actor_texts, check_texts
from services.backends.memory.state import State
from services.envelope import Actor, ActorType
from services.errors import NotAllowed, NotFound
from services.grants import Grant


def revoke_grant(state: State, tenant: UUID, id: UUID, *, actor: Actor, reason: str | None) -> Grant:  # noqa: A002
    """See `services.grants.Grants.revoke`."""
    check_texts(reason=reason, **actor_texts(actor))
    with state.change() as now:
        if actor.type not in {ActorType.OPERATOR, ActorType.USER}:
            raise NotAllowed("actor_type: only a person may revoke a grant")
        grant = state.grants.get((tenant, id))
        if grant is None:
            raise NotFound("grant", id)
        if grant.revoked_at is not None:
            return grant
        revoked = replace(grant, revoked_at=now, revoked_by=actor.id)
        state.grants[tenant, id] = revoked
        payload = {"grant_id": id, "use_count": grant.use_count, **({} if reason is None else {"reason": reason})}
        append_audit(state, [AuditEntry(tenant_id=tenant, actor=actor, category="grant.revoked", payload=payload)], now)
        return revoked
