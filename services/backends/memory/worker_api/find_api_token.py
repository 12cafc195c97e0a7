"""Find the API token with a hash."""

from uuid import UUID

from services.api_tokens import ApiToken
from services.backends.memory.column_rules import hex_bytes
from services.backends.memory.state import State


def find_api_token(state: State, tenant: UUID, token_hash: str) -> ApiToken | None:
    """See `services.api_tokens.ApiTokens.find`."""
    digest = hex_bytes(token_hash)
    for stored_hash, token in state.api_tokens.values():
        is_wanted = (token.tenant_id, stored_hash) == (tenant, digest)
        if is_wanted and token.revoked_at is None and token.expires_at > state.clock():
            return token
    return None
