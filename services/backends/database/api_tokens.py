"""List, create, revoke and find API tokens in the database."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from services.api_tokens import ApiToken, TokenScope
from services.backends.functions import Functions, by
from services.backends.rows.reading import NEVER, Reader
from services.envelope import Actor

_API_TOKEN_READER = Reader(ApiToken, created_at=NEVER, expires_at=NEVER, revoked_at=NEVER)


class DatabaseApiTokens:
    """See `services.api_tokens.ApiTokens`."""

    def __init__(self, functions: Functions) -> None:
        self._functions = functions

    async def list_tokens(self, tenant: UUID) -> list[ApiToken]:
        return [_API_TOKEN_READER.read(row) for row in await self._functions.call("list_api_tokens", tenant=tenant)]

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
        row = await self._functions.call(
            "create_api_token", tenant=tenant, id=id, agent=agent, scopes=sorted(scopes), token_hash=token_hash,
            expires_at=expires_at, **by(actor), as_of=self._functions.as_of(),
        )  # fmt: skip
        return _API_TOKEN_READER.read(row)

    async def revoke(self, tenant: UUID, id: UUID, *, actor: Actor) -> ApiToken:  # noqa: A002
        row = await self._functions.call(
            "revoke_api_token", tenant=tenant, id=id, **by(actor), as_of=self._functions.as_of()
        )
        return _API_TOKEN_READER.read(row)

    async def find(self, tenant: UUID, token_hash: str) -> ApiToken | None:
        row = await self._functions.call(
            "find_api_token", tenant=tenant, token_hash=token_hash, as_of=self._functions.as_of()
        )
        return None if row is None else _API_TOKEN_READER.read(row)
