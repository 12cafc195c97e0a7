"""Who calls: verify a JWT that Supabase Auth issued, and read the tenant from it."""

import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import jwt
from jwt import PyJWK

from control_plane.published_keys import PUBLISHED_WITH, PublishedKeys
from control_plane.settings import Settings
from services.errors import NotAuthenticated, SettingsError

AUDIENCE = "authenticated"
LEEWAY = 10
"""Seconds by which clocks may differ."""
TOKEN_LIMIT = 16 * 1024
UUID_TEXT = r"(?i)[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
"""As the database reads the claim too; Python alone would accept more."""

FindKey = Callable[[str], Awaitable[PyJWK | str]]


@dataclass(frozen=True)
class Caller:
    """Whom a verified token speaks for."""

    tenant_id: UUID
    subject: str
    role: str
    expires_at: datetime


class Verifier:
    """Turns tokens into callers. Which algorithms count is fixed here, never by a token."""

    def __init__(
        self, issuer: str, find_key: FindKey, algorithms: tuple[str, ...], *, from_app_metadata: bool = False
    ) -> None:
        self._issuer = issuer
        self._find_key = find_key
        self._algorithms = algorithms
        self._from_app_metadata = from_app_metadata

    async def verify(self, token: str) -> Caller:
        """Raises NotAuthenticated with the reason, NotReady when the keys to verify by cannot be had."""
        if len(token) > TOKEN_LIMIT:
            raise NotAuthenticated("token: is too long")
        try:
            claims = jwt.decode(
                token, await self._find_key(token), algorithms=self._algorithms, audience=AUDIENCE,
                issuer=self._issuer, leeway=LEEWAY, options={"require": ["exp", "sub", "aud", "iss"]},
            )  # fmt: skip
        except (jwt.PyJWTError, ValueError, RecursionError) as exc:
            raise NotAuthenticated(f"token: {self._reason(exc)}") from None  # their words may quote it
        try:
            expires_at = datetime.fromtimestamp(int(claims["exp"]), UTC)
        except (ValueError, OverflowError, OSError):
            raise NotAuthenticated("token: exp is no moment: sign in anew") from None
        return Caller(
            tenant_id=self._tenant(claims),
            subject=_text(claims, "sub"),
            role=_text(claims, "role"),
            expires_at=expires_at,
        )

    def _reason(self, exc: Exception) -> str:
        for kind, reason in (
            (jwt.ExpiredSignatureError, "has expired: sign in anew"),
            (jwt.ImmatureSignatureError, "is not valid yet: look at the clocks"),
            (jwt.InvalidAudienceError, f"is not meant for audience {AUDIENCE}"),
            (jwt.InvalidIssuerError, f"is not issued by {self._issuer}"),
            (jwt.InvalidAlgorithmError, f"is not signed by {' or '.join(self._algorithms)}"),
            (jwt.InvalidSignatureError, "has another's signature"),
            (jwt.InvalidKeyError, "is signed by a key that the project does not publish"),
        ):
            if isinstance(exc, kind):
                return reason
        return f"lacks the claim {exc.claim}" if isinstance(exc, jwt.MissingRequiredClaimError) else "is no JWT"

    def _tenant(self, claims: dict[str, Any]) -> UUID:
        """The top-level claim. `user_metadata` is never read: users write it themselves."""
        tenant = claims.get("tenant_id")
        metadata = claims.get("app_metadata")
        if tenant is None and self._from_app_metadata and isinstance(metadata, dict):
            tenant = metadata.get("tenant_id")
        if tenant is None:
            raise NotAuthenticated("token: names no tenant: the custom access token hook puts tenant_id there")
        if not (isinstance(tenant, str) and re.fullmatch(UUID_TEXT, tenant)):
            raise NotAuthenticated("token: its tenant_id is no UUID")
        return UUID(tenant)


def verifier(settings: Settings) -> Verifier:
    """By the project's published keys, or in the explicit mode by its legacy secret.

    Raises SettingsError when there is no project.
    """
    if settings.supabase_url is None:
        raise SettingsError("SUPABASE_URL: missing: tokens are verified by the project that issued them")
    issuer = f"{settings.supabase_url}/auth/v1"
    algorithms: tuple[str, ...]
    if settings.jwt_mode == "hs256" and settings.supabase_jwt_secret is not None:
        find_key, algorithms = _shared(settings.supabase_jwt_secret.get_secret_value()), ("HS256",)
    else:
        find_key, algorithms = _published(PublishedKeys(f"{issuer}/.well-known/jwks.json")), PUBLISHED_WITH
    return Verifier(issuer, find_key, algorithms, from_app_metadata=settings.tenant_from_app_metadata)


def _published(keys: PublishedKeys) -> FindKey:
    async def find(token: str) -> PyJWK:
        header = jwt.get_unverified_header(token)
        if header.get("alg") not in PUBLISHED_WITH:
            raise jwt.InvalidAlgorithmError
        kid = header.get("kid")
        found = await keys.find(kid) if isinstance(kid, str) else None
        if found is None:
            raise jwt.InvalidKeyError
        return found

    return find


def _shared(secret: str) -> FindKey:
    async def find(_token: str) -> str:
        return secret

    return find


def _text(claims: dict[str, Any], name: str) -> str:
    value = claims.get(name)
    if not (isinstance(value, str) and value):
        raise NotAuthenticated(f"token: lacks the claim {name}")
    return value
