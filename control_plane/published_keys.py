"""The keys by which a project's JWTs are verified, from its JWKS."""

import asyncio
import time
from collections.abc import Callable
from typing import Any

import httpx
import jwt
from jwt import PyJWK

from services.errors import NotReady

PUBLISHED_WITH = ("ES256", "RS256")
KEPT_FOR = 300
"""Seconds; then they are fetched again, so that a revoked key stops counting."""
USED_AT_MOST = 3600
"""Seconds for which keys still serve while the project does not answer."""
PAUSE = 10
"""Seconds between two requests at least: tokens with made-up key ids must not become requests."""
ANSWER_WITHIN = 5


class PublishedKeys:
    """Fetched when first needed, and again when they are old or a token names one that is not among them."""

    def __init__(self, url: str, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._url = url
        self._clock = clock
        self._keys: dict[str, PyJWK] = {}
        self._fetched_at = self._asked_at = float("-inf")
        self._asking = asyncio.Lock()

    async def find(self, kid: str) -> PyJWK | None:
        """The key of this id, or None if the project publishes none. Raises NotReady when it cannot be asked."""
        if kid not in self._keys or self._age() > KEPT_FOR:
            async with self._asking:
                if self._clock() - self._asked_at >= PAUSE:
                    await self._fetch()
        if self._age() > USED_AT_MOST:
            raise NotReady(
                f"{self._url}: cannot be fetched, so no token can be verified: is SUPABASE_URL right and up?"
            )
        return self._keys.get(kid)

    def _age(self) -> float:
        return self._clock() - self._fetched_at

    async def _fetch(self) -> None:
        self._asked_at = self._clock()
        try:
            async with httpx.AsyncClient(timeout=ANSWER_WITHIN) as client:
                answer = (await client.get(self._url)).raise_for_status()
            published = answer.json()["keys"]
            self._keys = {key.key_id: key for key in map(_usable, published) if key and key.key_id}
        except (httpx.HTTPError, ValueError, TypeError, KeyError):
            return  # the old ones serve on, or there are none
        self._fetched_at = self._clock()


def _usable(described: Any) -> PyJWK | None:
    """None for what signs nothing that counts: a shared secret, another algorithm, a kind not known here."""
    try:
        key = PyJWK.from_dict(described)
    except (jwt.PyJWTError, ValueError, TypeError, AttributeError):
        return None
    return key if key.algorithm_name in PUBLISHED_WITH and key.public_key_use in {"sig", None} else None
