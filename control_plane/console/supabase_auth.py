"""Sessions of Supabase Auth: begun with e-mail and password, renewed before they end."""

import asyncio
import hashlib
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from weakref import WeakValueDictionary

import httpx
import jwt

from services.errors import NotAuthenticated, NotReady

RENEW_BEFORE = 60
"""Seconds before its end at which a token is renewed."""
KEEP_RENEWED_FOR = 30.0
"""Seconds for which a renewal is remembered: the tabs of a browser renew at the same moment, and Supabase accepts a
refresh token again for ten seconds only."""
ANSWER_WITHIN = 10.0
"""Seconds in which Supabase Auth must answer."""
STATUSES_REFUSED = frozenset({400, 401, 403, 404, 422})


@dataclass(frozen=True, slots=True)
class Tokens:
    """The two tokens that Supabase Auth issues for a session."""

    access: str = field(repr=False)
    """The JWT."""
    refresh: str = field(repr=False)
    """The refresh token, which can be used for one renewal."""


class SupabaseAuth:
    """The Auth server of one project."""

    def __init__(self, project_url: str, publishable_key: str, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._url = f"{project_url}/auth/v1"
        self._publishable_key = publishable_key
        self._clock = clock
        self._renewed: dict[bytes, tuple[float, Tokens]] = {}
        """By the SHA-256 of the old refresh token: when it was renewed, and the new tokens."""
        self._locks: WeakValueDictionary[bytes, asyncio.Lock] = WeakValueDictionary()

    async def sign_in(self, email: str, password: str) -> Tokens:
        """Begin a session. Raises NotAuthenticated, and NotReady when the project does not answer."""
        try:
            return await self._issue("password", {"email": email, "password": password})
        except NotAuthenticated:
            raise NotAuthenticated("e-mail or password: is wrong, or the e-mail is not confirmed") from None

    async def renew(self, refresh_token: str) -> Tokens:
        """The next tokens of a session. Raises NotAuthenticated when it has ended, and NotReady as `sign_in`."""
        key = hashlib.sha256(refresh_token.encode()).digest()
        lock = self._locks.setdefault(key, asyncio.Lock())
        async with lock:
            now = self._clock()
            self._renewed = {each: kept for each, kept in self._renewed.items() if now - kept[0] < KEEP_RENEWED_FOR}
            if key not in self._renewed:
                self._renewed[key] = now, await self._issue("refresh_token", {"refresh_token": refresh_token})
            return self._renewed[key][1]

    async def sign_out(self, access_token: str) -> None:
        """End the session, so that its refresh token is worthless. Raises NotReady as `sign_in`."""
        await self._post("logout", {"scope": "local"}, {}, authorization=f"Bearer {access_token}")

    async def _issue(self, grant_type: str, body: Mapping[str, str]) -> Tokens:
        answer = await self._post("token", {"grant_type": grant_type}, body)
        if answer.status_code in STATUSES_REFUSED:
            raise NotAuthenticated("session: has ended; sign in again")
        try:
            document: dict[str, Any] = answer.raise_for_status().json()
            return Tokens(document["access_token"], document["refresh_token"])
        except (httpx.HTTPStatusError, ValueError, KeyError, TypeError):
            raise NotReady(f"Supabase Auth answered {answer.status_code}") from None

    async def _post(
        self, path: str, query: Mapping[str, str], body: Mapping[str, str], **headers: str
    ) -> httpx.Response:
        try:
            async with httpx.AsyncClient(timeout=ANSWER_WITHIN) as client:
                return await client.post(
                    f"{self._url}/{path}", params=query, json=body, headers={"apikey": self._publishable_key, **headers}
                )
        except httpx.HTTPError as exc:
            raise NotReady(f"Supabase Auth does not answer ({type(exc).__name__})") from None


def ends_soon(token: str, now: float) -> bool:
    """Whether this JWT has to be renewed. Its signature is not verified here."""
    try:
        claims = jwt.decode(token, options={"verify_signature": False})
        return float(claims["exp"]) - now < RENEW_BEFORE
    except (jwt.PyJWTError, ValueError, KeyError, TypeError, RecursionError):
        return False
