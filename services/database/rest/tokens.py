"""JWTs made with a project's legacy secret (HS256): PostgREST believes them as long as the secret is not revoked."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import jwt

from services.clock import Clock, utc_now

LIVES_FOR = timedelta(minutes=10)
RENEWED_AFTER = timedelta(minutes=5)
"""Well before the end, since clocks differ and a call may wait in a queue."""


def mint(secret: str, *, role: str, lives_for: timedelta, now: datetime | None = None, **claims: str) -> str:
    """A JWT by which PostgREST becomes `role`; `claims` go in as they are."""
    issued = now or utc_now()
    return jwt.encode({**claims, "role": role, "iat": issued, "exp": issued + lives_for}, secret, algorithm="HS256")


def minted(secret: str, *, role: str, clock: Clock = utc_now, **claims: str) -> Callable[[], str]:
    """A source of short-lived JWTs for one role; each serves for a while."""
    token, renewed_at = "", datetime.min.replace(tzinfo=UTC)

    def bearer() -> str:
        nonlocal token, renewed_at
        now = clock()
        if now - renewed_at >= RENEWED_AFTER:
            token, renewed_at = mint(secret, role=role, lives_for=LIVES_FOR, now=now, **claims), now
        return token

    return bearer
