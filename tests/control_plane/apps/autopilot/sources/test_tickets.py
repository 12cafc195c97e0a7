"""A ticket's texts can be stored, and stay within their limits; what was changed is noted."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from control_plane.apps.autopilot.sources.tickets import (
    MAX_METADATA_BYTES,
    NOTES,
    RawTicket,
    make_metadata,
    make_ticket,
    utc,
)
from control_plane.apps.autopilot.values import Ticket


def made(**values: Any) -> Ticket:
    raw: dict[str, Any] = {"external_id": "1", "subject": "s", "status": "open", **values}
    ticket, problems = make_ticket(RawTicket(**raw))
    assert ticket is not None
    assert problems == ()
    return ticket


def test_characters_that_cannot_be_stored_are_replaced_and_noted() -> None:
    ticket = made(subject="a\x00b", description="c\ud800d", record={"k\x00": ["\udfff", float("nan")]})
    assert (ticket.subject, ticket.description) == ("a\ufffdb", "c\ufffdd")
    assert ticket.source_metadata == {
        "k\ufffd": ["\ufffd", "nan"],
        NOTES: [
            "subject: characters that cannot be stored were replaced",
            "description: characters that cannot be stored were replaced",
            "the record: characters that cannot be stored were replaced",
        ],
    }


@pytest.mark.parametrize(
    ("name", "limit"), [("subject", 1000), ("description", 100_000), ("resolution", 100_000), ("assignee", 255)]
)
def test_a_text_of_a_megabyte_is_cut_and_noted(name: str, limit: int) -> None:
    ticket = made(**{name: "x" * 1_000_000})
    assert getattr(ticket, name) == "x" * limit
    assert ticket.source_metadata == {NOTES: [f"{name}: was cut after {limit:,} of 1,000,000 characters"]}


def test_a_text_at_its_limit_is_not_cut() -> None:
    assert made(subject="x" * 1000).source_metadata == {}


def test_a_number_that_is_too_long_is_no_key() -> None:
    ticket, [problem] = make_ticket(RawTicket(external_id="9" * 256, subject="s", status="open"))
    assert (ticket, problem.code) == (None, "external_id_too_long")


@pytest.mark.parametrize(
    "record",
    [
        {"short": "kept", "long": "x" * 2_000_000},
        {"short": "kept", "long": [{"a": "ü" * 1000}] * 2000},
        {"short": "kept", "long": list(range(10)) * 30_000},
        {"short": "kept", "long": {str(number): 7.5 for number in range(200_000)}},
    ],
)
def test_a_record_beyond_a_megabyte_is_cut_and_flagged(record: dict[str, Any]) -> None:
    metadata = make_metadata(record, [])
    size = len(json.dumps(metadata, ensure_ascii=False).encode())
    assert size <= MAX_METADATA_BYTES
    if size > 200_000:
        assert metadata["short"] == "kept"
    if len(json.dumps(record, ensure_ascii=False).encode()) > MAX_METADATA_BYTES:
        assert metadata[NOTES] == ["the record was cut to 1 MiB"]


def test_a_deep_record_is_cut_and_flagged() -> None:
    record: dict[str, Any] = {}
    for _ in range(150):
        record = {"in": record}
    assert make_metadata(record, [])[NOTES] == ["the record was cut below level 100"]


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(), max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(st.characters(), max_size=3), inner, max_size=3)
    ),
    max_leaves=15,
)


@given(st.dictionaries(st.text(max_size=3), JSON, max_size=4), st.text(st.characters(), max_size=20))
def test_everything_is_storable_as_json(record: dict[str, Any], subject: str) -> None:
    ticket, _ = make_ticket(RawTicket(external_id="1", subject=subject, status="open", record=record))
    assert ticket is not None
    text = json.dumps([ticket.subject, dict(ticket.source_metadata)], ensure_ascii=False, allow_nan=False)
    assert "\x00" not in text
    assert "\\u0000" not in text
    text.encode()  # no lone surrogate


def test_a_time_outside_the_calendar_is_no_date() -> None:
    with pytest.raises(ValueError, match="calendar"):
        utc(datetime.fromisoformat("0001-01-01T00:00:00+10:00"))
    with pytest.raises(ValueError, match="time zone"):
        utc(datetime(2026, 1, 1))  # noqa: DTZ001
    assert utc(datetime.fromisoformat("2026-01-01T00:30:00+01:00")) == datetime(2025, 12, 31, 23, 30, tzinfo=UTC)
