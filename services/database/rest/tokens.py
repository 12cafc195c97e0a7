"""Sign JWTs with the legacy JWT secret of a project (HS256). PostgREST accepts them until the secret is revoked."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import jwt

from services.clock import Clock, utc_now

TOKEN_LIFETIME = timedelta(minutes=10)
RENEWED_AFTER = timedelta(minutes=5)
"""A token is replaced well before it expires, because clocks differ and a call may wait in a queue."""


def mint_jwt(secret: str, *, role: str, lives_for: timedelta, now: datetime | None = None, **claims: str) -> str:
    """A JWT with which PostgREST acts as `role`. It also contains `claims`."""
    issued_at = now or utc_now()
    payload = {**claims, "role": role, "iat": issued_at, "exp": issued_at + lives_for}
    return jwt.encode(payload, secret, algorithm="HS256")


def token_source(secret: str, *, role: str, clock: Clock = utc_now, **claims: str) -> Callable[[], str]:
    """A function that returns a valid JWT for `role`. It signs a new one every `RENEWED_AFTER`."""
    token, renewed_at = "", datetime.min.replace(tzinfo=UTC)

    def bearer() -> str:
        nonlocal token, renewed_at
        now = clock()
        if now - renewed_at >= RENEWED_AFTER:
            token, renewed_at = mint_jwt(secret, role=role, lives_for=TOKEN_LIFETIME, now=now, **claims), now
        return token

    return bearer
