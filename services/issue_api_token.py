"""Issue a token with which an agent calls the API."""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import timedelta
from uuid import UUID, uuid4

from services.api_tokens import ApiToken, TokenScope, hash_token, make_token
from services.backends import Backends
from services.clock import Clock, utc_now
from services.envelope import Actor
from services.errors import InvalidInput

MAX_TOKEN_TIME = timedelta(days=366)


@dataclass(frozen=True, slots=True, kw_only=True)
class IssuedToken:
    """A new token. Nobody can read `secret` again."""

    token: ApiToken
    secret: str = field(repr=False)


async def issue_api_token(
    backends: Backends,
    tenant: UUID,
    agent: str,
    *,
    scopes: Collection[TokenScope],
    lives_for: timedelta,
    actor: Actor,
    clock: Clock = utc_now,
) -> IssuedToken:
    """Add a token for an agent. Raises InvalidInput that names the field, NotFound for an unknown tenant."""
    if not 0 < len(agent) <= 255:
        raise InvalidInput("agent", "must have 1 to 255 characters")
    if not scopes:
        raise InvalidInput("scopes", f"is empty; choose from {', '.join(TokenScope)}")
    if not timedelta(0) < lives_for <= MAX_TOKEN_TIME:
        raise InvalidInput("expires_in", f"must be more than 0 and at most {MAX_TOKEN_TIME.days} days")
    secret = make_token(tenant)
    token = await backends.api_tokens.create(
        tenant, uuid4(), agent=agent, scopes=frozenset(scopes), token_hash=hash_token(secret),
        expires_at=clock() + lives_for, actor=actor,
    )  # fmt: skip
    return IssuedToken(token=token, secret=secret)
