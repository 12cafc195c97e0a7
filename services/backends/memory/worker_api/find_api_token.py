"""The token of an agent that calls."""

from services.api_tokens import ApiToken
from services.backends.memory.state import State


def find_api_token(state: State, token_hash: str) -> ApiToken | None:
    """See `services.api_tokens.ApiTokens.find`."""
    for known_hash, token in state.api_tokens.values():
        if known_hash == token_hash and token.revoked_at is None and token.expires_at > state.clock():
            return token
    return None
