"""A message of a queue is read strictly, and names its tenant."""

import json
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pytest

from control_plane.apps.autopilot.notifications.messages import MAX_BYTES, Received, read_message
from services.errors import InvalidInput

TENANT = uuid4()


def a_message(body: object = None, **fields: Any) -> Received:
    document = {"tenant_id": str(TENANT), "type": "cluster_notification"} if body is None else body
    return Received(body=document if isinstance(document, bytes) else json.dumps(document).encode(), **fields)


def test_a_message_is_known_by_the_id_of_its_sender() -> None:
    read = read_message(a_message(message_id="0190-7"))
    assert (read.tenant, read.row["key"], read.row["message"]["type"]) == (TENANT, "0190-7", "cluster_notification")


@pytest.mark.parametrize("message_id", [None, "", "x" * 256, "a\nb", "sha256:0"])
def test_a_message_without_a_usable_id_is_known_by_its_content_and_time(message_id: str | None) -> None:
    first = read_message(a_message(message_id=message_id)).row["key"]
    assert first.startswith("sha256:")
    assert read_message(a_message(message_id=message_id)).row["key"] == first
    assert read_message(a_message(message_id=message_id, sent_at=datetime(2026, 1, 5, tzinfo=UTC))).row["key"] != first
    assert read_message(a_message({"tenant_id": str(TENANT), "type": "other"})).row["key"] != first


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"not json", "is not JSON"),
        (b"[1]", "must be a JSON object"),
        (b'{"a": 1, "a": 2}', "twice"),
        (b"\xff", "is not UTF-8"),
        (b"[" * 100_000, "nested too deep"),
        ({"tenant_id": str(TENANT), "type": "a\0b"}, "NUL"),
        ({"tenant_id": str(TENANT), "type": "\ud800"}, "surrogate"),
        ({"tenant_id": str(TENANT), "text": "x" * 1_000_000}, f"at most {MAX_BYTES} are read"),
    ],
)
def test_a_message_that_cannot_be_read_belongs_to_the_tenant_in_its_header(body: object, reason: str) -> None:
    read = read_message(a_message(body, tenant_header=str(TENANT)))
    assert (read.tenant, read.row["code"]) == (TENANT, "message_unreadable")
    assert reason in read.row["detail"]
    assert len(json.dumps(read.row)) < 2 * MAX_BYTES


@pytest.mark.parametrize("named", [None, "", 5, "acme", {"id": str(TENANT)}])
def test_a_message_that_names_no_tenant_is_refused(named: object) -> None:
    with pytest.raises(InvalidInput, match="tenant_id"):
        read_message(a_message({"tenant_id": named}, tenant_header=b"acme"))
