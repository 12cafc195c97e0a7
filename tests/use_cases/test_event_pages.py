"""Audit rows become events, whatever a row holds."""

import json
from typing import Any
from uuid import UUID, uuid4

import pytest

from services.audit_log import RawAuditRow
from services.subscriptions.events import (
    MAX_EVENT_BYTES,
    MAX_PARALLEL_DELIVERIES,
    EventType,
    event_type_of,
    events_of,
    is_wanted,
    make_page,
)

TENANT = UUID(int=1)


def a_row(payload: object, *, category: str | None = "envelope.proposed", seq: int | None = 7) -> RawAuditRow:
    return RawAuditRow(
        tenant_id=TENANT, seq=seq, actor_type="agent", actor_id="bot", category=category,
        payload=payload if isinstance(payload, str | None) else json.dumps(payload),
        created_at="2026-11-30T09:00:00+00:00", previous_hash=None, hash=None,
    )  # fmt: skip


def page(*rows: RawAuditRow, room: int = 100, is_idle: bool = False) -> tuple[int, list[str]]:
    made = make_page(rows, ["envelope.*"], after=0, room=room, is_idle=is_idle)
    return made.up_to, [delivery.event["data"].get("external_id", "") for delivery in made.deliveries]


def a_batch(*names: str, seq: int = 7) -> RawAuditRow:
    return a_row(
        {"envelopes": [{"envelope_id": name, "external_id": name, "tool_slug": "T"} for name in names]}, seq=seq
    )


def test_a_row_about_many_envelopes_is_an_event_for_each() -> None:
    events = list(events_of(a_row({"envelopes": [{"envelope_id": "a"}, {"envelope_id": "b"}], "door": "api"})))
    assert [event["id"] for event in events] == [f"evt_{TENANT.hex}_7_1", f"evt_{TENANT.hex}_7_2"]
    assert [(event["data"]["envelope_id"], event["data"]["door"]) for event in events] == [("a", "api"), ("b", "api")]


def test_a_row_that_does_not_fit_waits_whole_unless_nothing_else_waits() -> None:
    rows = [a_batch("a", seq=1), a_batch("b", "c", seq=2)]
    assert page(*rows, room=2) == (1, ["a"])
    assert page(rows[1], room=1) == (0, [])
    assert page(rows[1], room=1, is_idle=True) == (2, ["b", "c"])


def test_rows_without_wanted_events_are_passed() -> None:
    assert page(a_row({}, category="tenants.update", seq=3), a_row({}, category=None, seq=4)) == (4, [])


@pytest.mark.parametrize(
    ("category", "event_type"),
    [
        ("envelope.awaiting_approval", EventType.APPROVAL_REQUESTED),
        ("envelope.approved", EventType.APPROVAL_APPROVED),
        ("envelope.rejected", EventType.APPROVAL_REJECTED),
        ("approval.reminded", EventType.APPROVAL_REMINDED),
        ("envelope.success", EventType.ENVELOPE_SUCCESS),
        ("envelope.unheard_of", None),
        ("guardrails.update", None),
    ],
)
def test_a_category_is_one_event_type(category: str, event_type: EventType | None) -> None:
    assert event_type_of(category) == event_type


def test_categories_of_applications_are_event_types_where_they_are_named() -> None:
    assert event_type_of("fax.sent") is None
    assert event_type_of("fax.sent", ["fax.sent"]) == "fax.sent"


def test_a_pattern_covers_its_noun_alone() -> None:
    assert is_wanted("envelope.success", ["envelope.*"])
    assert not is_wanted("approval.approved", ["envelope.*", "approval.rejected"])


def test_rows_about_deliveries_are_no_events() -> None:
    assert list(events_of(a_row({"tool_slug": f"control_plane__event.{uuid4()}"}))) == []


@pytest.mark.parametrize(
    "payload", [None, "", "[]", "5", "not json", '"text"', "[" * 100_000, {"envelopes": 5}, {"envelopes": [5, None]}]
)
def test_an_unreadable_payload_stops_nothing(payload: Any) -> None:
    up_to, _ = page(a_row(payload, seq=1), a_batch("next", seq=2))
    assert up_to == 2


def test_an_event_is_bounded_and_holds_plain_values_only() -> None:
    payload = {"external_id": "e", "deep": {"a": 1}, "number": 1.5, "huge": 10**20, "error": "x" * 10_000, "to": ["a"]}
    [event] = events_of(a_row({**payload, **{f"field {n}": "ä" * 2000 for n in range(100)}}))
    assert event["data"]["shortened"] is True
    assert event["data"]["external_id"] == "e"
    [event] = events_of(a_row(payload))
    assert event["data"].keys() == {"external_id", "error", "to", "tenant_id", "seq", "actor"}
    assert len(json.dumps(event)) < MAX_EVENT_BYTES


def test_what_a_row_claims_about_its_tenant_does_not_count() -> None:
    [event] = events_of(a_row({"tenant_id": "another", "seq": 99, "actor": "somebody"}))
    assert (event["data"]["tenant_id"], event["data"]["seq"]) == (str(TENANT), 7)
    assert event["data"]["actor"] == {"type": "agent", "id": "bot"}


def test_the_events_of_one_envelope_share_a_key_and_there_are_few_keys() -> None:
    rows = [a_row({"envelope_id": str(number % 50)}, seq=number) for number in range(1, 101)]
    made = make_page(rows, ["envelope.*"], after=0, room=100, is_idle=True)
    keys: dict[str, set[str]] = {}
    for delivery in made.deliveries:
        keys.setdefault(delivery.event["data"]["envelope_id"], set()).add(delivery.ordering_key)
    assert all(len(each) == 1 for each in keys.values())
    assert 1 < len(set.union(*keys.values())) <= MAX_PARALLEL_DELIVERIES
