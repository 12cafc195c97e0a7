"""API tokens in memory."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from services.api_tokens import ApiToken, TokenScope
from services.backends.memory.state import State
from services.backends.memory.worker_api.create_api_token import create_api_token
from services.backends.memory.worker_api.find_api_token import find_api_token
from services.backends.memory.worker_api.list_api_tokens import list_api_tokens
from services.backends.memory.worker_api.revoke_api_token import revoke_api_token
from services.envelope import Actor


class MemoryApiTokens:
    """See `services.api_tokens.ApiTokens`."""

    def __init__(self, state: State) -> None:
        self._state = state

    async def list_tokens(self, tenant: UUID) -> list[ApiToken]:
        return list_api_tokens(self._state, tenant)

    async def create(
        self,
        tenant: UUID,
        id: UUID,  # noqa: A002
        *,
        agent: str,
        scopes: Collection[TokenScope],
        token_hash: str,
        expires_at: datetime,
        actor: Actor,
    ) -> ApiToken:
        return create_api_token(
            self._state,
            tenant,
            id,
            agent=agent,
            scopes=scopes,
            token_hash=token_hash,
            expires_at=expires_at,
            actor=actor,
        )

    async def revoke(self, tenant: UUID, id: UUID, *, actor: Actor) -> ApiToken:  # noqa: A002
        return revoke_api_token(self._state, tenant, id, actor=actor)

    async def find(self, tenant: UUID, token_hash: str) -> ApiToken | None:
        return find_api_token(self._state, tenant, token_hash)
