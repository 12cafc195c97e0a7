"""The request that delivers an event to a webhook: signed with the subscription's own secret."""

import hmac
from base64 import b64encode
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from services.subscriptions.secrets import KEY_SETTING, signing_key, valid_versions
from services.tools import Failed, ToolCall
from services.untrusted import json_body

NO_KEY_RETRY_AFTER = timedelta(minutes=1)


def event_request(
    call: ToolCall, subscription: UUID, key: str | None, now: datetime
) -> tuple[Mapping[str, str], bytes] | Failed:
    """Headers and body. The event is the arguments of the envelope; its id is the same for every attempt."""
    body, event_id = json_body(call.arguments), call.arguments.get("id")
    if body is None or not isinstance(event_id, str) or not event_id.isascii() or "." in event_id:
        return Failed(error="arguments: they are no event", retryable=False)
    if key is None:  # another worker may have it
        return Failed(error=f"{KEY_SETTING} is not set", retryable=True, held=True, retry_after=NO_KEY_RETRY_AFTER)
    timestamp = str(int(now.timestamp()))
    signed = f"{event_id}.{timestamp}.".encode() + body
    keys = [signing_key(key, call.tenant_id, subscription, version) for version in _versions(call.tool.config, now)]
    signatures = [f"v1,{b64encode(hmac.digest(each, signed, 'sha256')).decode()}" for each in keys]
    headers = {
        "content-type": "application/json",
        "webhook-id": event_id,
        "webhook-timestamp": timestamp,
        "webhook-signature": " ".join(signatures),
    }
    return headers, body


def _versions(config: Mapping[str, Any], now: datetime) -> list[int]:
    rotated_at = config.get("secret_rotated_at")
    moment = datetime.fromisoformat(rotated_at) if isinstance(rotated_at, str) else None
    return valid_versions(int(config.get("secret_version", 1)), moment, now)
