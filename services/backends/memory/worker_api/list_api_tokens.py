"""The tokens of a tenant's agents."""

from uuid import UUID

from services.api_tokens import ApiToken
from services.backends.memory.state import State


def list_api_tokens(state: State, tenant: UUID) -> list[ApiToken]:
    """See `services.api_tokens.ApiTokens.list_tokens`."""
    tokens = [token for _, token in state.api_tokens.values() if token.tenant_id == tenant]
    return sorted(tokens, key=lambda token: (-token.created_at.timestamp(), token.id))[:1000]
