"""The public keys that verify a project's JWTs, fetched from its JWKS endpoint."""

import asyncio
import time
from collections.abc import Callable
from typing import Any

import httpx
import jwt
from jwt import PyJWK

from services.errors import NotReady

ALGORITHMS = ("ES256", "RS256")
MAX_AGE = 300
"""Seconds after which the keys are fetched again, so that a revoked key is no longer accepted."""
MAX_AGE_WITHOUT_ANSWER = 3600
"""Seconds for which the keys stay in use while the project does not answer."""
MIN_FETCH_INTERVAL = 10
"""Minimum seconds between two requests, so that tokens with invented key ids do not cause a request each."""
FETCH_TIMEOUT = 5
"""Seconds in which the project must answer."""


class PublishedKeys:
    """The keys of one project. Fetched on first use, and again if they are old or lack the key of a token."""

    def __init__(self, url: str, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._url = url
        self._clock = clock
        self._keys: dict[str, PyJWK] = {}
        self._fetched_at = self._requested_at = float("-inf")
        self._fetch_lock = asyncio.Lock()

    async def find(self, kid: str) -> PyJWK | None:
        """The key with this id, or None if the project publishes none.

        Raises NotReady if the keys cannot be fetched.
        """
        if kid not in self._keys or self._age() > MAX_AGE:
            async with self._fetch_lock:
                if self._clock() - self._requested_at >= MIN_FETCH_INTERVAL:
                    await self._fetch()
        if self._age() > MAX_AGE_WITHOUT_ANSWER:
            raise NotReady(f"{self._url}: cannot be fetched, so no token can be verified: check SUPABASE_URL")
        return self._keys.get(kid)

    def _age(self) -> float:
        return self._clock() - self._fetched_at

    async def _fetch(self) -> None:
        self._requested_at = self._clock()
        try:
            async with httpx.AsyncClient(timeout=FETCH_TIMEOUT) as client:
                response = (await client.get(self._url)).raise_for_status()
            jwks = response.json()["keys"]
            self._keys = {key.key_id: key for key in map(_parse_key, jwks) if key and key.key_id}
        except (httpx.HTTPError, ValueError, TypeError, KeyError):
            return  # the project does not answer: keep the keys of the last successful request
        self._fetched_at = self._clock()


def _parse_key(jwk: Any) -> PyJWK | None:
    """The key; None if it must not verify tokens: a shared secret, or a key with another algorithm, use or type."""
    try:
        key = PyJWK.from_dict(jwk)
    except (jwt.PyJWTError, ValueError, TypeError, AttributeError):
        return None
    return key if key.algorithm_name in ALGORITHMS and key.public_key_use in {"sig", None} else None
