"""API tokens, with which the agents of a tenant call the API. A token is shown once; only its hash is stored."""

import hashlib
import re
import secrets
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol
from uuid import UUID

from services.envelope import Actor

PREFIX = "acp_"
"""How every token begins, so that secret scanners can find it."""
_TOKEN_PATTERN = re.compile(rf"{PREFIX}([0-9a-f]{{32}})_[\w-]{{43}}")


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
    """The agent that holds the token, as envelopes and audit rows name the agent."""
    scopes: frozenset[TokenScope]
    created_at: datetime
    created_by: str
    expires_at: datetime
    revoked_at: datetime | None = None
    revoked_by: str | None = None


class ApiTokens(Protocol):
    """The tokens of a tenant's agents."""

    async def list_tokens(self, tenant: UUID) -> list[ApiToken]:
        """All tokens of a tenant, the revoked and expired ones too, the newest first."""

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
        """Add a token. Raises NotFound for an unknown tenant, InvalidInput for an invalid field."""

    async def revoke(self, tenant: UUID, id: UUID, *, actor: Actor) -> ApiToken:  # noqa: A002
        """Revoke a token; a second call changes nothing. Raises NotFound."""

    async def find(self, tenant: UUID, token_hash: str) -> ApiToken | None:
        """The token of a tenant with this hash, unless it is revoked or expired."""


def make_token(tenant: UUID) -> str:
    """A new random token of this tenant."""
    return f"{PREFIX}{tenant.hex}_{secrets.token_urlsafe(32)}"


def tenant_of(token: str) -> UUID | None:
    """The tenant that a token names; None if it does not have the form of a token."""
    match = _TOKEN_PATTERN.fullmatch(token)
    return UUID(match[1]) if match else None


def hash_token(token: str) -> str:
    """Hex SHA-256. A token has 256 random bits, so a slow hash would add nothing."""
    return hashlib.sha256(token.encode()).hexdigest()
