"""JWTs that we sign for the calls of one agent over the Data API."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from services.clock import Clock

JWT_LIFETIME = timedelta(minutes=1)
"""How long a JWT is valid. An event stream may last longer, so a new JWT is signed whenever a call needs it."""


class SignedJwt:
    """Signs a JWT with these claims, and reuses the JWT until half of its lifetime has passed."""

    def __init__(self, claims: Mapping[str, Any], sign: Callable[[Mapping[str, Any]], str], clock: Clock) -> None:
        self._claims = claims
        self._sign = sign
        self._clock = clock
        self._signed: tuple[datetime, str] | None = None

    def __call__(self) -> str:
        """A JWT that is valid for at least half of JWT_LIFETIME."""
        now = self._clock()
        if self._signed is None or not timedelta(0) <= now - self._signed[0] < JWT_LIFETIME / 2:
            until = int((now + JWT_LIFETIME).timestamp())
            self._signed = now, self._sign({**self._claims, "iat": int(now.timestamp()), "exp": until})
        return self._signed[1]
