"""API tokens: what an agent of a tenant calls the API with. A token is shown once; only its hash is stored."""

import hashlib
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol
from uuid import UUID

from services.envelope import Actor

PREFIX = "acp_"
"""How every token begins, so that secret scanners can find it."""


class TokenScope(StrEnum):
    """What an agent may do with its token."""

    PROPOSE = "propose"
    CANCEL = "cancel"
    READ = "read"
    """List and read what its tenant may read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiToken:
    """One row of `api_tokens`, without the hash."""

    id: UUID
    tenant_id: UUID
    agent: str
    """The agent that holds it, as envelopes and audit rows name it."""
    scopes: frozenset[TokenScope]
    created_at: datetime
    created_by: str
    expires_at: datetime
    revoked_at: datetime | None = None
    revoked_by: str | None = None


class ApiTokens(Protocol):
    """The tokens of a tenant's agents."""

    async def list_tokens(self, tenant: UUID) -> list[ApiToken]:
        """All of a tenant, ended ones too, the newest first."""

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
        """Add one. Raises NotFound for an unknown tenant, InvalidInput."""

    async def revoke(self, tenant: UUID, id: UUID, *, actor: Actor) -> ApiToken:  # noqa: A002
        """End one now; a second call changes nothing. Raises NotFound."""

    async def find(self, token_hash: str) -> ApiToken | None:
        """The token with this hash, unless it is revoked or expired."""


def hash_token(token: str) -> str:
    """Hex SHA-256. A token has 256 random bits, so a slow hash would add nothing."""
    return hashlib.sha256(token.encode()).hexdigest()
