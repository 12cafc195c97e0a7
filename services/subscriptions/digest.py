"""Digests for e-mail: one delivery about several events, because one e-mail per event would be too many. Pure."""

import json
from collections.abc import Collection, Iterable, Sequence
from typing import Any
from uuid import UUID, uuid4

from services.audit_log import RawAuditRow
from services.subscriptions import Delivery
from services.subscriptions.events import MAX_EVENT_BYTES, events_of, is_wanted, subject_of

DIGEST_TYPE = "digest"
MAX_SHOWN = 20
"""Events that a digest shows; further ones are counted."""
MAX_COLLECTED = 1000
"""The most events of one digest. Events of later audit rows go into the next digest."""

Event = dict[str, Any]


def collect_events(
    collected: dict[str, Event],
    rows: Iterable[RawAuditRow],
    patterns: Collection[str],
    more_types: Collection[str] = (),
) -> None:
    """Add the wanted events of these rows to `collected`. Of each envelope only the last event is kept."""
    for row in rows:
        for event in events_of(row, more_types):
            if is_wanted(event["type"], patterns):
                collected.pop(subject_of(event), None)
                collected[subject_of(event)] = event


def has_room(shown: Sequence[Event]) -> bool:
    """Whether a digest that shows these events may show another one."""
    return len(shown) < MAX_SHOWN and len(json.dumps(shown)) < MAX_EVENT_BYTES


def make_digest(tenant: UUID, shown: Sequence[Event], *, not_shown: int) -> Delivery:
    """The delivery of a digest with at least one event. Digests of one subscription follow one after the other."""
    last = shown[-1]
    event = {
        "id": f"{last['id']}_{DIGEST_TYPE}", "type": DIGEST_TYPE, "timestamp": last["timestamp"],
        "data": {"tenant_id": str(tenant), "events": list(shown), "not_shown": not_shown},
    }  # fmt: skip
    return Delivery(envelope_id=uuid4(), event=event, ordering_key=DIGEST_TYPE)
