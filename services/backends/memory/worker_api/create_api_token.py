"""Add a token with which an agent of a tenant calls the API."""

from collections.abc import Collection
from datetime import datetime, timedelta
from uuid import UUID

from services.api_tokens import ApiToken, TokenScope
from services.audit_log import AuditEntry
from services.backends.memory.audit import append_audit
from services.backends.memory.check_texts import actor_texts, check_texts
from services.backends.memory.column_rules import check_column, hex_bytes
from services.backends.memory.state import State
from services.envelope import Actor
from services.errors import InvalidInput, StateConflict

MAX_AGENT = 255
"""The most characters of an agent's name."""
HASH_BYTES = 32


def create_api_token(
    state: State,
    tenant: UUID,
    id: UUID,  # noqa: A002
    *,
    agent: str,
    scopes: Collection[TokenScope],
    token_hash: str,
    expires_at: datetime,
    actor: Actor,
) -> ApiToken:
    """See `services.api_tokens.ApiTokens.create`."""
    check_texts(agent=agent, token_hash=token_hash, **actor_texts(actor))
    with state.change() as now:
        if not now < expires_at <= now + timedelta(days=366):
            raise InvalidInput("expires_at", "must be later than now and at most 366 days from now")
        state.require_tenant(tenant)
        check_column("agent", 1 <= len(agent) <= MAX_AGENT)
        check_column("scopes", bool(scopes) and set(scopes) <= set(TokenScope))
        if (tenant, id) in state.api_tokens:
            raise StateConflict("id", "already exists")
        digest = hex_bytes(token_hash)
        check_column("token_hash", len(digest) == HASH_BYTES)
        if any(token.tenant_id == tenant and stored == digest for stored, token in state.api_tokens.values()):
            raise StateConflict("token_hash", "already exists")
        token = ApiToken(
            id=id, tenant_id=tenant, agent=agent, scopes=frozenset(scopes), created_at=now, created_by=actor.id,
            expires_at=expires_at,
        )  # fmt: skip
        state.api_tokens[tenant, id] = (digest, token)
        payload = {
            "token_id": id, "agent": agent, "scopes": sorted(scopes), "expires_at": expires_at,
        }  # fmt: skip
        entry = AuditEntry(tenant_id=tenant, actor=actor, category="api_token.created", payload=payload)
        append_audit(state, [entry], now)
        return token
