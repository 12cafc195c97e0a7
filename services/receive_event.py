"""Receive an event from another system at an inbound webhook: check its signature, and store it as evidence."""

import hmac
import json
import re
from base64 import b64encode
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from services.backends import Backends
from services.canonical import canonical_sha256
from services.envelope import Actor, ActorType, Door
from services.errors import InvalidInput, NotAuthenticated, NotFound
from services.evidence import Reading
from services.json_rules import without_duplicates
from services.subscriptions.inbound import InboundWebhook
from services.subscriptions.secrets import INBOUND, signing_key, valid_versions
from services.untrusted import storable

WINDOW = timedelta(minutes=5)
"""How far the time of a request may differ from our clock: it may be that old, or that far in the future."""
MAX_EVENT_BYTES = 64 * 1024
MAX_TYPE_LENGTH = 255


async def find_sender(
    backends: Backends, tenant: UUID, webhook: UUID, body: bytes, headers: Mapping[str, str], *, key: str, now: datetime
) -> InboundWebhook:
    """The webhook whose sender signed this body in the last five minutes.

    Raises NotFound for an unknown webhook, and NotAuthenticated for a wrong or old signature.
    """
    found = next(
        (inbound for inbound in await backends.inbound_webhooks.list_inbound(tenant) if inbound.id == webhook), None
    )
    if found is None:
        raise NotFound("inbound webhook", webhook)
    check_signature(found, body, headers, key=key, now=now)
    return found


async def receive_event(backends: Backends, sender: InboundWebhook, body: bytes, *, event_id: str) -> None:
    """Store the event as evidence of the tool `inbound.<name>`, and as its signal.

    An event that arrives twice is stored as one row, because its id is part of the content. Raises InvalidInput for a
    body that is not an event.
    """
    event = _read_event(body)
    content = storable({"id": event_id, "event": event})
    kind = event.get("type")
    reading = Reading(
        tool_slug=sender.tool_slug, connected_account_id=None, content=content,
        sha256=canonical_sha256({"content": content}),
        value={"kind": "event", "id": event_id, "type": kind if isinstance(kind, str) else None},
    )  # fmt: skip
    actor = Actor(type=ActorType.SYSTEM, id=sender.tool_slug, door=Door.API)
    await backends.evidence.save(sender.tenant_id, [reading], actor=actor)


def check_signature(
    webhook: InboundWebhook, body: bytes, headers: Mapping[str, str], *, key: str, now: datetime
) -> None:
    """Check the signature (Standard Webhooks). Raises NotAuthenticated if it is wrong or its time is over five minutes
    off."""
    event_id, timestamp = headers.get("webhook-id", ""), headers.get("webhook-timestamp", "")
    if not re.fullmatch(r"[!-~]{1,255}", event_id) or not re.fullmatch("[0-9]{1,12}", timestamp):
        raise NotAuthenticated("signature: the headers webhook-id and webhook-timestamp are required")
    if abs(now.timestamp() - int(timestamp)) > WINDOW.total_seconds():
        raise NotAuthenticated("signature: the request is older than five minutes, or the clocks differ")
    signatures = [
        part.partition(",")[2].encode(errors="replace") for part in headers.get("webhook-signature", "").split()[:10]
    ]
    signed = f"{event_id}.{timestamp}.".encode() + body
    for version in valid_versions(webhook.secret_version, webhook.secret_rotated_at, now):
        secret = signing_key(key, webhook.tenant_id, webhook.id, version, purpose=INBOUND)
        expected = b64encode(hmac.digest(secret, signed, "sha256"))
        if any(hmac.compare_digest(expected, signature) for signature in signatures):
            return
    raise NotAuthenticated("signature: does not match the body and headers")


def _read_event(body: bytes) -> dict[str, Any]:
    if len(body) > MAX_EVENT_BYTES:
        raise InvalidInput("body", f"is longer than {MAX_EVENT_BYTES:,} bytes")
    try:
        event = json.loads(body, object_pairs_hook=without_duplicates)
    except (ValueError, RecursionError) as exc:
        raise InvalidInput("body", "is not JSON") from exc
    if not isinstance(event, dict):
        raise InvalidInput("body", "must be a JSON object")
    if isinstance(event.get("type"), str) and len(event["type"]) > MAX_TYPE_LENGTH:
        raise InvalidInput("type", f"must have at most {MAX_TYPE_LENGTH} characters")
    return event
