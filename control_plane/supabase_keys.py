"""What SUPABASE_* variables may hold, and what people put there by mistake; each problem is told with its remedy."""

import base64
import json
import re
from datetime import UTC, datetime
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit

from pydantic import SecretStr

EXAMPLE = "https://abcdefghijklmnopqrst.supabase.co"
JWT = r"eyJ[\w-]+\.[\w-]+\.[\w-]+"
DASHBOARD = r"https://(?:app\.supabase\.com|supabase\.(?:com|io)/dashboard)\b(?:.*/project/(\w+))?"
CALLED_OTHERWISE = {
    "SUPABASE_SERVICE_KEY": "SUPABASE_SECRET_KEY",
    "SUPABASE_SERVICE_ROLE": "SUPABASE_SECRET_KEY",
    "SUPABASE_SECRET": "SUPABASE_SECRET_KEY",
    "SUPABASE_API_KEY": "SUPABASE_SECRET_KEY",
    "SUPABASE_PROJECT_URL": "SUPABASE_URL",
    "SUPABASE_API_URL": "SUPABASE_URL",
    "SUPABASE_PUBLIC_KEY": "SUPABASE_PUBLISHABLE_KEY",
}
"""Names that other programs use for what has another name here."""
OF_OTHERS = {"SUPABASE_SECRET_KEYS", "SUPABASE_PUBLISHABLE_KEYS", "SUPABASE_JWKS", "SUPABASE_DB_URL"}
"""Names near ours that Supabase itself gives a meaning."""


def project_url(url: str) -> str:
    """The project's address without a slash at the end."""
    if re.match(r"postgres(ql)?(\+\w+)?://", url):
        raise ValueError(f"that is a database's address: put it into DATABASE_URL; the project's is like {EXAMPLE}")
    if dashboard := re.match(DASHBOARD, url):
        project = f"https://{dashboard[1]}.supabase.co" if dashboard[1] else EXAMPLE
        raise ValueError(f"that is the dashboard's address: write the project's, {project}")
    try:
        parts = urlsplit(url)
        host, _port = parts.hostname, parts.port
    except ValueError:
        raise ValueError(f"is not an address: write the project's, like {EXAMPLE}") from None
    if parts.scheme not in {"https", "http"} or not host or "@" in parts.netloc or not re.fullmatch(r"[!-~]+", url):
        raise ValueError(f"is not an address: write the project's, like {EXAMPLE}")
    if parts.path.strip("/") or parts.query or parts.fragment:
        raise ValueError(f"must end after the host: write {parts.scheme}://{parts.netloc}")
    if parts.scheme == "http" and not _is_local(host):
        raise ValueError(f"keys must not travel in the clear: write https://{parts.netloc}")
    return f"{parts.scheme}://{parts.netloc}"


def secret_key(key: SecretStr) -> SecretStr:
    """Opaque (`sb_secret_…`), or a legacy JWT of a role that a server may have."""
    value = key.get_secret_value()
    if value.startswith("sb_publishable_"):
        raise ValueError("holds the publishable key: copy the secret one (sb_secret_…) from the project's API keys")
    if value.startswith("sbp_"):
        raise ValueError("holds a personal access token: copy the secret key (sb_secret_…) from the project's API keys")
    if re.fullmatch(r"sb_secret_[\w-]+", value):
        return key
    found = _role_in_force(value)
    if found is None:
        raise ValueError("is no key: copy the secret one (sb_secret_…) from the project's API keys")
    if found not in {"service_role", "outbox_worker"}:
        raise ValueError(f"holds a key for role {found}: copy the secret one (sb_secret_…), or that of service_role")
    return key


def publishable_key(key: SecretStr) -> SecretStr:
    """Opaque (`sb_publishable_…`), or a legacy JWT of role `anon`."""
    value = key.get_secret_value()
    if value.startswith("sb_secret_"):
        raise ValueError("holds the secret key: it belongs into SUPABASE_SECRET_KEY; copy the publishable one here")
    if re.fullmatch(r"sb_publishable_[\w-]+", value):
        return key
    found = _role_in_force(value)
    if found is None:
        raise ValueError("is no key: copy the publishable one (sb_publishable_…) from the project's API keys")
    if found != "anon":
        raise ValueError(f"holds a key for role {found}: copy the publishable one (sb_publishable_…), or that of anon")
    return key


def jwt_secret(secret: SecretStr) -> SecretStr:
    """What signs HS256."""
    value = secret.get_secret_value()
    if re.match(rf"sb_|{JWT}", value):
        raise ValueError("holds a key: copy the legacy JWT secret from the project's JWT keys")
    if len(value.encode()) < 32:
        raise ValueError("is too short: copy the legacy JWT secret from the project's JWT keys")
    return secret


def role(key: str) -> str | None:
    """What a JWT says of itself, unverified: to tell people of their mistake, never to let anybody in; else None."""
    return _claims(key).get("role")


def _role_in_force(key: str) -> str | None:
    claims = _claims(key)
    try:
        expires_at = datetime.fromtimestamp(claims.get("exp", 2**33), UTC)
    except (ValueError, TypeError, OverflowError, OSError):
        return None
    if expires_at < datetime.now(UTC):
        raise ValueError(f"expired on {expires_at:%Y-%m-%d}: copy the current one from the project's API keys")
    found = claims.get("role")
    return found if isinstance(found, str) and re.fullmatch(r"\w{1,63}", found) else None


def _claims(key: str) -> dict[str, Any]:
    if not re.fullmatch(JWT, key):
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
