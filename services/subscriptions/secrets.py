"""The signing secrets of webhooks: computed from one key of the installation, so no database row holds any."""

import hashlib
import hmac
from base64 import b64encode
from datetime import datetime, timedelta
from uuid import UUID

from services.errors import NotReady

OLD_SECRET_SIGNS_FOR = timedelta(hours=24)
"""How long the old secret also signs after a rotation."""
KEY_SETTING = "ACP_WEBHOOK_KEY"


SUBSCRIPTION, INBOUND = "event-subscription", "inbound-webhook"
"""The purposes of a secret. Two purposes never share a secret."""


def signing_key(key: str, tenant: UUID, webhook: UUID, version: int, *, purpose: str = SUBSCRIPTION) -> bytes:
    """The key of one version of a webhook's secret, computed from `key`, the key of the installation."""
    name = f"{purpose}:{tenant}:{webhook}:{version}"
    return hmac.digest(key.encode(), name.encode(), hashlib.sha256)


def signing_secret(
    key: str | None, tenant: UUID, webhook: UUID, version: int, *, purpose: str = SUBSCRIPTION
) -> str:  # fmt: skip
    """The secret as receivers and senders configure it, `whsec_…`. Raises NotReady if the installation has no key."""
    if not key:
        raise NotReady(f"{KEY_SETTING}: is not set, so no webhook can be signed; set at least 32 random characters")
    return f"whsec_{b64encode(signing_key(key, tenant, webhook, version, purpose=purpose)).decode()}"


def valid_versions(version: int, rotated_at: datetime | None, now: datetime) -> list[int]:
    """The versions of the secret that are valid now, the newest first."""
    is_recent = rotated_at is not None and now < rotated_at + OLD_SECRET_SIGNS_FOR
    return [version, version - 1] if is_recent and version > 1 else [version]
