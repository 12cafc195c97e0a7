"""Make events from audit rows. Pure."""

import hashlib
import json
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any
from uuid import uuid4

from services.audit_log import RawAuditRow
from services.subscriptions import TOOL_PREFIX, Delivery

MAX_PARALLEL_DELIVERIES = 8
"""Deliveries of one subscription that may run at the same time. The events of one envelope are delivered in their
order."""
MAX_FIELDS = 50
MAX_TEXT_LENGTH = 2000
MAX_EVENT_BYTES = 32 * 1024
"""Bytes of an event. A larger one keeps only the ids."""
_SAFE_INTEGER = 2**53 - 1


class EventType(StrEnum):
    """The types of the core's events, about envelopes and approvals. Applications have more."""

    ENVELOPE_PROPOSED = "envelope.proposed"
    ENVELOPE_HOLD = "envelope.hold"
    ENVELOPE_RETRY = "envelope.retry"
    ENVELOPE_SUCCESS = "envelope.success"
    ENVELOPE_CONFLICT = "envelope.conflict"
    ENVELOPE_UNKNOWN = "envelope.unknown"
    ENVELOPE_FAILED = "envelope.failed"
    ENVELOPE_DENIED = "envelope.denied"
    ENVELOPE_EXPIRED = "envelope.expired"
    ENVELOPE_CANCELLED = "envelope.cancelled"
    ENVELOPE_RESOLVED = "envelope.resolved"
    ENVELOPE_REQUEUED = "envelope.requeued"
    ENVELOPE_EDITED = "envelope.edited"
    ENVELOPE_DISCARDED = "envelope.discarded"
    APPROVAL_REQUESTED = "approval.requested"
    APPROVAL_REMINDED = "approval.reminded"
    APPROVAL_ESCALATED = "approval.escalated"
    APPROVAL_APPROVED_ONCE = "approval.approved_once"
    APPROVAL_APPROVED = "approval.approved"
    APPROVAL_REJECTED = "approval.rejected"


TEST_EVENT_TYPE = "webhook.test"
"""The type of a test event."""
_OF_CATEGORY = {
    "envelope.awaiting_approval": EventType.APPROVAL_REQUESTED,
    "envelope.approved_once": EventType.APPROVAL_APPROVED_ONCE,
    "envelope.approved": EventType.APPROVAL_APPROVED,
    "envelope.rejected": EventType.APPROVAL_REJECTED,
}
"""The event type for categories of audit rows whose event has another name. Other events have the name of the
category."""


@dataclass(frozen=True, slots=True)
class Page:
    """The events of some audit rows, and the seq of the last of these rows."""

    up_to: int
    deliveries: list[Delivery]


def event_type_of(category: str | None, more_types: Collection[str] = ()) -> str | None:
    """The event type of an audit row of this category; None if such a row is not an event.

    `more_types` are the types of the events that applications add: the categories of their audit rows.
    """
    name = _OF_CATEGORY.get(category or "", category or "")
    return name if name in set(EventType) or name in more_types else None


def is_wanted(event_type: str, patterns: Collection[str]) -> bool:
    """Whether one of the patterns, such as `approval.requested` or `envelope.*`, covers this type."""
    return event_type in patterns or f"{event_type.partition('.')[0]}.*" in patterns


def make_page(
    rows: Collection[RawAuditRow], patterns: Collection[str], *, after: int, room: int, is_idle: bool,
    more_types: Collection[str] = (),
) -> Page:  # fmt: skip
    """The wanted events of these rows, in their order, at most `room`.

    A row may have many events. If no delivery waits (`is_idle`), all events of the first row are taken, even if there
    are more than `room`.
    """
    up_to, deliveries = after, list[Delivery]()
    for row in rows:
        if row.seq is None:
            continue
        new = [_make_delivery(event) for event in events_of(row, more_types) if is_wanted(event["type"], patterns)]
        if len(deliveries) + len(new) > room and not (is_idle and not deliveries):
            break
        deliveries += new
        up_to = max(up_to, row.seq)
    return Page(up_to, deliveries)


def events_of(row: RawAuditRow, more_types: Collection[str] = ()) -> Iterator[dict[str, Any]]:
    """The events of an audit row. Rows about deliveries of events have none: events would cause events without end."""
    event_type = event_type_of(row.category, more_types)
    payload = _read_payload(row.payload)
    if event_type is None or payload is None or row.seq is None:
        return
    listed = payload.get("envelopes")
    whole = {key: value for key, value in payload.items() if key != "envelopes"}
    items = [item for item in listed if isinstance(item, dict)] if isinstance(listed, list) else [{}]
    for position, item in enumerate(items, 1):
        data = _simple_fields({**whole, **item})
        if str(data.get("tool_slug", "")).startswith(TOOL_PREFIX):
            continue
        number = f"{row.seq}" if not isinstance(listed, list) else f"{row.seq}_{position}"
        yield _limit_size({
            "id": f"evt_{row.tenant_id.hex}_{number}",
            "type": event_type,
            "timestamp": row.created_at,
            "data": {
                **data, "tenant_id": str(row.tenant_id), "seq": row.seq,
                "actor": {"type": row.actor_type, "id": row.actor_id},
            },
        })  # fmt: skip


def subject_of(event: Mapping[str, Any]) -> str:
    """The subject of an event: the id of its envelope or, without an envelope, its own id."""
    return str(event["data"].get("envelope_id") or event["id"])


def _make_delivery(event: dict[str, Any]) -> Delivery:
    """The delivery of an event. Its envelope has a random id: if an agent could guess the id, it could
    propose an envelope with this id first, and so block the event."""
    lane = hashlib.sha256(subject_of(event).encode()).digest()[0] % MAX_PARALLEL_DELIVERIES
    return Delivery(envelope_id=uuid4(), event=event, ordering_key=str(lane))


def _read_payload(payload: str | None) -> dict[str, Any] | None:
    """The payload of an audit row; None if Python cannot read it: a database owner may have written it."""
    try:
        document = json.loads(payload or "")
    except (ValueError, RecursionError):
        return None
    return document if isinstance(document, dict) else None


def _simple_fields(payload: Mapping[str, Any]) -> dict[str, Any]:
    """The fields with simple values, shortened, so that every event can be stored and sent."""
    plain = {key: value for key, value in payload.items() if len(key) <= 100 and _is_plain(value)}
    return {
        key: value[:MAX_TEXT_LENGTH] if isinstance(value, str) else value
        for key, value in list(plain.items())[:MAX_FIELDS]
    }


def _is_plain(value: Any) -> bool:
    if isinstance(value, list):
        return len(value) <= MAX_FIELDS and all(isinstance(item, str) and len(item) <= 255 for item in value)
    if isinstance(value, bool | str) or value is None:
        return True
    return isinstance(value, int) and abs(value) <= _SAFE_INTEGER


def _limit_size(event: dict[str, Any]) -> dict[str, Any]:
    if len(json.dumps(event)) <= MAX_EVENT_BYTES:
        return event
    id_fields = {"tenant_id", "seq", "actor", "envelope_id", "external_id", "tool_slug"}
    return {
        **event,
        "data": {key: value for key, value in event["data"].items() if key in id_fields} | {"shortened": True},
    }
