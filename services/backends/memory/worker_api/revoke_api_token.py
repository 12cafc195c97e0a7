"""End a token of an agent now."""

from dataclasses import replace
from uuid import UUID

from services.api_tokens import ApiToken
from services.audit_log import AuditEntry
from services.backends.memory.audit import append_audit
from services.backends.memory.check_texts import actor_texts, check_texts
from services.backends.memory.state import State
from services.envelope import Actor
from services.errors import NotFound


def revoke_api_token(state: State, tenant: UUID, id: UUID, *, actor: Actor) -> ApiToken:  # noqa: A002
    """See `services.api_tokens.ApiTokens.revoke`."""
    check_texts(**actor_texts(actor))
    with state.change() as now:
        if (tenant, id) not in state.api_tokens:
            raise NotFound("token", id)
        token_hash, token = state.api_tokens[tenant, id]
        if token.revoked_at is not None:
            return token
        revoked = replace(token, revoked_at=now, revoked_by=actor.id)
        state.api_tokens[tenant, id] = (token_hash, revoked)
        payload = {"token_id": id, "agent": token.agent}
        entry = AuditEntry(tenant_id=tenant, actor=actor, category="api_token.revoked", payload=payload)
        append_audit(state, [entry], now)
        return revoked
