"""Check the values of SUPABASE_* variables, and explain common mistakes together with their remedy."""

import base64
import json
import re
from datetime import UTC, datetime
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit

from pydantic import SecretStr

EXAMPLE_URL = "https://abcdefghijklmnopqrst.supabase.co"
JWT_PATTERN = r"eyJ[\w-]+\.[\w-]+\.[\w-]+"
DASHBOARD_URL = r"https://(?:app\.supabase\.com|supabase\.(?:com|io)/dashboard)\b(?:.*/project/(\w+))?"
NAMES_ELSEWHERE = {
    "SUPABASE_SERVICE_KEY": "SUPABASE_SECRET_KEY",
    "SUPABASE_SERVICE_ROLE": "SUPABASE_SECRET_KEY",
    "SUPABASE_SECRET": "SUPABASE_SECRET_KEY",
    "SUPABASE_API_KEY": "SUPABASE_SECRET_KEY",
    "SUPABASE_PROJECT_URL": "SUPABASE_URL",
    "SUPABASE_API_URL": "SUPABASE_URL",
    "SUPABASE_PUBLIC_KEY": "SUPABASE_PUBLISHABLE_KEY",
}
"""Names that other programs use, and our name for the same value."""
RESERVED_BY_SUPABASE = {"SUPABASE_SECRET_KEYS", "SUPABASE_PUBLISHABLE_KEYS", "SUPABASE_JWKS", "SUPABASE_DB_URL"}
"""Names similar to ours that Supabase itself uses."""


def check_project_url(url: str) -> str:
    """The URL of a project, without a slash at the end."""
    if re.match(r"postgres(ql)?(\+\w+)?://", url):
        raise ValueError(
            f"is the URL of a database: move it to DATABASE_URL, and set the project's, like {EXAMPLE_URL}"
        )
    if dashboard := re.match(DASHBOARD_URL, url):
        project = f"https://{dashboard[1]}.supabase.co" if dashboard[1] else EXAMPLE_URL
        raise ValueError(f"is the URL of the dashboard: set the URL of the project, {project}")
    try:
        parts = urlsplit(url)
        host, _port = parts.hostname, parts.port
    except ValueError:
        raise ValueError(f"is not a URL: set the URL of the project, such as {EXAMPLE_URL}") from None
    if parts.scheme not in {"https", "http"} or not host or "@" in parts.netloc or not re.fullmatch(r"[!-~]+", url):
        raise ValueError(f"is not a URL: set the URL of the project, such as {EXAMPLE_URL}")
    if parts.path.strip("/") or parts.query or parts.fragment:
        raise ValueError(f"must end after the host: set {parts.scheme}://{parts.netloc}")
    if parts.scheme == "http" and not _is_local(host):
        raise ValueError(f"must use TLS, because keys are sent to it: set https://{parts.netloc}")
    return f"{parts.scheme}://{parts.netloc}"


def check_secret_key(key: SecretStr) -> SecretStr:
    """The key, if it is `sb_secret_…` or a legacy key: a JWT with role service_role or outbox_worker. Otherwise raises
    ValueError."""
    value = key.get_secret_value()
    if value.startswith("sb_publishable_"):
        raise ValueError("is the publishable key: copy the secret key (sb_secret_…) from the project's API keys")
    if value.startswith("sbp_"):
        raise ValueError("is a personal access token: copy the secret key (sb_secret_…) from the project's API keys")
    if re.fullmatch(r"sb_secret_[\w-]+", value):
        return key
    role = _unexpired_role(value)
    if role is None:
        raise ValueError("is not a key: copy the secret key (sb_secret_…) from the project's API keys")
    if role not in {"service_role", "outbox_worker"}:
        raise ValueError(f"is a key for role {role}: copy the secret key (sb_secret_…) or the service_role key")
    return key


def check_publishable_key(key: SecretStr) -> SecretStr:
    """The key, if it is `sb_publishable_…` or a legacy key: a JWT with role anon. Otherwise raises ValueError."""
    value = key.get_secret_value()
    if value.startswith("sb_secret_"):
        raise ValueError("is the secret key: move it to SUPABASE_SECRET_KEY, and copy the publishable key here")
    if re.fullmatch(r"sb_publishable_[\w-]+", value):
        return key
    role = _unexpired_role(value)
    if role is None:
        raise ValueError("is not a key: copy the publishable key (sb_publishable_…) from the project's API keys")
    if role != "anon":
        raise ValueError(f"is a key for role {role}: copy the publishable key (sb_publishable_…) or the anon key")
    return key


def check_jwt_secret(secret: SecretStr) -> SecretStr:
    """The secret, if it is the legacy JWT secret of a project, which signs with HS256. Otherwise raises ValueError."""
    value = secret.get_secret_value()
    if re.match(rf"sb_|{JWT_PATTERN}", value):
        raise ValueError("is a key: copy the legacy JWT secret from the project's JWT keys")
    if len(value.encode()) < 32:
        raise ValueError("is too short: copy the legacy JWT secret from the project's JWT keys")
    return secret


def unverified_role(key: str) -> str | None:
    """The role in a JWT, without a check of its signature; None if there is none. Never use it to authorise."""
    return _read_claims(key).get("role")


def _unexpired_role(key: str) -> str | None:
    claims = _read_claims(key)
    try:
        expires_at = datetime.fromtimestamp(claims.get("exp", 2**33), UTC)
    except (ValueError, TypeError, OverflowError, OSError):
        return None
    if expires_at < datetime.now(UTC):
        raise ValueError(f"expired on {expires_at:%Y-%m-%d}: copy the current key from the project's API keys")
    role = claims.get("role")
    return role if isinstance(role, str) and re.fullmatch(r"\w{1,63}", role) else None


def _read_claims(key: str) -> dict[str, Any]:
    if not re.fullmatch(JWT_PATTERN, key):
        return {}
    try:
        claims = json.loads(base64.urlsafe_b64decode(key.split(".")[1] + "=="))
    except (ValueError, RecursionError):
        return {}
    return claims if isinstance(claims, dict) else {}


def _is_local(host: str) -> bool:
    try:
        address = ip_address(host)
    except ValueError:
        return "." not in host or host.endswith((".localhost", ".local", ".internal"))
    return address.is_loopback or address.is_private
