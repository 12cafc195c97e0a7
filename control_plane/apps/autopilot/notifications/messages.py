"""Read a message of a queue. Whoever may write to the broker may have sent it, so nothing in it is trusted. Pure."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from control_plane.strict_json import parse_object
from services.errors import InvalidInput
from services.json_rules import check_json
from services.untrusted import storable_body

MAX_BYTES = 65_536
"""A longer message is not processed. Messages of the contract have a few hundred bytes."""
MAX_PARSED_BYTES = 1_048_576
"""A longer message is not parsed, so only its header can name the tenant."""
MAX_KEY = 255
"""Characters of a message id. With a longer id, the message is recognized by its content."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Received:
    """A message as it came from the broker."""

    body: bytes
    message_id: str | None = None
    sent_at: datetime | None = None
    tenant_header: object = None
    """The header `tenant_id`, which names the tenant if the message itself cannot be read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadMessage:
    """A message whose tenant is known, in the form in which the database takes it."""

    tenant: UUID
    row: Mapping[str, Any]
    """See the SQL function `receive_messages`."""


def read_message(message: Received) -> ReadMessage:
    """Read a message, and find the tenant that it is for. Raises InvalidInput if it names no tenant."""
    document: dict[str, Any] = {}
    row: dict[str, Any] = {"key": _key_of(message)}
    try:
        _check_size(message.body, MAX_PARSED_BYTES)
        document = parse_object(message.body, name="message")
        _check_size(message.body, MAX_BYTES)
        check_json("message", document)
        row["message"] = document
    except InvalidInput as exc:
        row |= {"message": storable_body(message.body), "code": "message_unreadable", "detail": str(exc)}
    tenant = _as_tenant(document.get("tenant_id")) or _as_tenant(message.tenant_header)
    if tenant is None:
        raise InvalidInput("tenant_id", row.get("detail") or "must be the UUID of a tenant")
    return ReadMessage(tenant=tenant, row=row)


def _check_size(body: bytes, at_most: int) -> None:
    if len(body) > at_most:
        raise InvalidInput("message", f"has {len(body)} bytes; at most {MAX_BYTES} are read")


def _as_tenant(value: object) -> UUID | None:
    try:
        return UUID(value) if isinstance(value, str) else None
    except ValueError:
        return None


def _key_of(message: Received) -> str:
    """The id that the sender gave the message, or a digest of its content and time."""
    own = message.message_id or ""
    if 0 < len(own) <= MAX_KEY and own.isprintable() and not own.startswith("sha256:"):
        return own
    digest = hashlib.sha256(f"{own}\0{message.sent_at}\0".encode(errors="backslashreplace") + message.body)
    return f"sha256:{digest.hexdigest()}"
