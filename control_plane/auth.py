"""Verify a JWT that Supabase Auth issued, and read the caller from it: a user of a tenant, or an operator."""

import hashlib
import re
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

import jwt
from jwt import PyJWK

from control_plane.published_keys import ALGORITHMS, PublishedKeys
from control_plane.settings import LOCAL_URL, Settings
from services.errors import NotAuthenticated, SettingsError
from services.tenants import TenantRole

if TYPE_CHECKING:
    from services.database.rest.keys import Keys

AUDIENCE = "authenticated"
LEEWAY_SECONDS = 10
"""Seconds by which the clocks of issuer and verifier may differ."""
MAX_TOKEN_LENGTH = 16 * 1024
REMEMBER_FOR = 60.0
"""Seconds for which a verified token is not verified again, because verifying a signature costs more than the rest of a
small request. If its key is withdrawn, it is still accepted for that long."""
MAX_REMEMBERED = 1000
UUID_TEXT = r"(?i)[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
"""The only form of a UUID that the database accepts in a claim. Python's `uuid.UUID` would accept other forms too."""

USER_ROLES = frozenset({TenantRole.OWNER, TenantRole.REVIEWER, TenantRole.MEMBER})
"""Values of the claim `tenant_role`. The role `agent` comes from an API token."""

FindKey = Callable[[str], Awaitable[PyJWK | str]]


@dataclass(frozen=True)
class Caller:
    """The user of a verified token."""

    tenant_id: UUID | None
    """None for an operator, who has no tenant."""
    subject: str
    role: str
    """The role in the database."""
    tenant_role: TenantRole
    """The role of the user within the tenant; `member` if the token names none."""
    expires_at: datetime
    claims: Mapping[str, Any] = field(repr=False)
    """All claims of the token, with `tenant_id` at the top."""

    @property
    def is_operator(self) -> bool:
        return self.tenant_id is None


class Verifier:
    """Verifies tokens. The accepted algorithms are fixed here; a token cannot choose another."""

    def __init__(
        self,
        issuer: str,
        find_key: FindKey,
        algorithms: tuple[str, ...],
        *,
        from_app_metadata: bool = False,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._issuer = issuer
        self._find_key = find_key
        self._algorithms = algorithms
        self._from_app_metadata = from_app_metadata
        self._clock = clock
        self._verified: OrderedDict[bytes, tuple[float, Caller]] = OrderedDict()
        """Callers by the SHA-256 of the token, each with the time of `clock` at which to verify the token again."""

    async def verify(self, token: str) -> Caller:
        """The caller of this token.

        Raises NotAuthenticated with the reason, and NotReady if the keys cannot be fetched.
        """
        if len(token) > MAX_TOKEN_LENGTH:
            raise NotAuthenticated(f"token: is longer than {MAX_TOKEN_LENGTH} characters")
        token_hash = hashlib.sha256(token.encode(errors="replace")).digest()
        until, known = self._verified.get(token_hash, (0.0, None))
        if known is not None and self._clock() < until and datetime.now(UTC) < known.expires_at:
            return known
        caller = await self._verify(token)
        self._verified[token_hash] = self._clock() + REMEMBER_FOR, caller
        while len(self._verified) > MAX_REMEMBERED:
            self._verified.popitem(last=False)
        return caller

    async def _verify(self, token: str) -> Caller:
        try:
            claims = jwt.decode(
                token, await self._find_key(token), algorithms=self._algorithms, audience=AUDIENCE,
                issuer=self._issuer, leeway=LEEWAY_SECONDS, options={"require": ["exp", "sub", "aud", "iss"]},
            )  # fmt: skip
        except (jwt.PyJWTError, ValueError, RecursionError) as exc:
            # the message of `exc` may quote the token
            raise NotAuthenticated(f"token: {self._describe(exc)}") from None
        try:
            expires_at = datetime.fromtimestamp(int(claims["exp"]), UTC)
        except (ValueError, OverflowError, OSError):
            raise NotAuthenticated("token: the claim exp is not a valid time: sign in again") from None
        is_operator = _is_operator(claims)
        tenant_id = None if is_operator else self._read_tenant(claims)
        tenant_role = claims.get("tenant_role")
        return Caller(
            tenant_id=tenant_id,
            subject=_read_text(claims, "sub"),
            role=_read_text(claims, "role"),
            tenant_role=TenantRole(tenant_role) if tenant_role in USER_ROLES else TenantRole.MEMBER,
            expires_at=expires_at,
            claims=claims if tenant_id is None else {**claims, "tenant_id": str(tenant_id)},
        )

    def _describe(self, exc: Exception) -> str:
        for kind, reason in (
            (jwt.ExpiredSignatureError, "has expired: sign in again"),
            (jwt.ImmatureSignatureError, "is not valid yet: check the clocks of both machines"),
            (jwt.InvalidAudienceError, f"is not issued for audience {AUDIENCE}"),
            (jwt.InvalidIssuerError, f"is not issued by {self._issuer}"),
            (jwt.InvalidAlgorithmError, f"is not signed with {' or '.join(self._algorithms)}"),
            (jwt.InvalidSignatureError, "has a signature that does not match"),
            (jwt.InvalidKeyError, "is signed with a key that the project does not publish"),
        ):
            if isinstance(exc, kind):
                return reason
        return f"lacks the claim {exc.claim}" if isinstance(exc, jwt.MissingRequiredClaimError) else "is not a JWT"

    def _read_tenant(self, claims: dict[str, Any]) -> UUID:
        """The claim `tenant_id`. Never read from `user_metadata`, because users can write it themselves."""
        tenant = claims.get("tenant_id")
        metadata = claims.get("app_metadata")
        if tenant is None and self._from_app_metadata and isinstance(metadata, dict):
            tenant = metadata.get("tenant_id")
        if tenant is None:
            raise NotAuthenticated(
                "token: lacks the claim tenant_id: enable the custom access token hook, which adds it"
            )
        if not (isinstance(tenant, str) and re.fullmatch(UUID_TEXT, tenant)):
            raise NotAuthenticated("token: the claim tenant_id is not a UUID")
        return UUID(tenant)


def make_verifier(settings: Settings) -> Verifier:
    """A verifier that uses the project's published keys, or with ACP_JWT_MODE=hs256 its legacy secret.

    Raises SettingsError if SUPABASE_URL is not set.
    """
    if settings.supabase_url is None:
        raise SettingsError("SUPABASE_URL: missing: set the URL of the project that issues the tokens")
    issuer = f"{settings.supabase_url}/auth/v1"
    algorithms: tuple[str, ...]
    if settings.jwt_mode == "hs256" and settings.supabase_jwt_secret is not None:
        find_key, algorithms = _shared_secret_finder(settings.supabase_jwt_secret.get_secret_value()), ("HS256",)
    else:
        find_key, algorithms = _published_key_finder(PublishedKeys(f"{issuer}/.well-known/jwks.json")), ALGORITHMS
    return Verifier(issuer, find_key, algorithms, from_app_metadata=settings.tenant_from_app_metadata)


def make_local_verifier(keys: "Keys") -> Verifier:
    """A verifier of the tokens that `token mint` makes with the keys of the local stack."""
    published = {key.key_id: key for key in map(PyJWK.from_dict, keys.public_jwks()["keys"])}

    async def find_key(token: str) -> PyJWK:
        key = published.get(jwt.get_unverified_header(token).get("kid"))
        if key is None:
            raise jwt.InvalidKeyError
        return key

    return Verifier(f"{LOCAL_URL}/auth/v1", find_key, ("ES256",))


def _published_key_finder(keys: PublishedKeys) -> FindKey:
    async def find_key(token: str) -> PyJWK:
        header = jwt.get_unverified_header(token)
        if header.get("alg") not in ALGORITHMS:
            raise jwt.InvalidAlgorithmError
        kid = header.get("kid")
        key = await keys.find(kid) if isinstance(kid, str) else None
        if key is None:
            raise jwt.InvalidKeyError
        return key

    return find_key


def _shared_secret_finder(secret: str) -> FindKey:
    async def find_key(_token: str) -> str:
        return secret

    return find_key


def _is_operator(claims: Mapping[str, Any]) -> bool:
    """Whether an administrator made this user an operator: `app_metadata.operator`, which users cannot write."""
    metadata = claims.get("app_metadata")
    return isinstance(metadata, dict) and metadata.get("operator") is True


def _read_text(claims: dict[str, Any], name: str) -> str:
    value = claims.get(name)
    if not (isinstance(value, str) and value):
        raise NotAuthenticated(f"token: lacks the claim {name}")
    return value
