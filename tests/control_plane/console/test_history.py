"""The steps of a timeline, made from audit rows."""

from datetime import timedelta
from uuid import uuid4

import pytest

from control_plane.console.history import Step, gap_text, list_steps, trace_id_of
from services.audit_log import AuditEntry, AuditRow
from tests.builders import AGENT, MINUTE, NOW

ENVELOPE = uuid4()


def a_row(seq: int, category: str, **payload: object) -> AuditRow:
    entry = AuditEntry(tenant_id=ENVELOPE, actor=AGENT, category=category, payload=payload)
    return AuditRow(entry=entry, seq=seq, created_at=NOW + seq * MINUTE, previous_hash="", hash="")


def test_steps_say_what_happened_how_long_after_the_one_before() -> None:
    mine = {"envelope_id": str(ENVELOPE), "external_id": "k"}
    rows = [
        a_row(1, "envelope.proposed", envelopes=[{"envelope_id": "another", "note": 1}, mine], door="api"),
        a_row(3, "envelope.retry", **mine, error="busy", attempts=1, next_run_at=NOW.isoformat()),
        a_row(4, "envelope.new", **mine, reason="why"),
    ]
    assert list_steps(rows, ENVELOPE) == [
        Step(seq=1, at=NOW + MINUTE, title="Proposed", tone="plain", actor=AGENT.principal, door="api", after=None,
             text=None, facts={}),
        Step(seq=3, at=NOW + 3 * MINUTE, title="Attempt failed, will be tried again", tone="warn", after="2 min",
             text="busy", facts={"attempts": 1, "next_run_at": NOW}, actor=AGENT.principal, door=None),
        Step(seq=4, at=NOW + 4 * MINUTE, title="envelope.new", tone="plain", after="1 min", text="why", facts={},
             actor=AGENT.principal, door=None),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("gap", "text"),
    [
        (timedelta(milliseconds=-5), "0 ms"), (timedelta(milliseconds=40), "40 ms"), (timedelta(seconds=3.24), "3.2 s"),
        (timedelta(seconds=90), "1 min 30 s"), (timedelta(hours=2, minutes=5), "2 h 5 min"), (timedelta(days=3), "3 d"),
    ],
)  # fmt: skip
def test_a_gap_has_at_most_two_units(gap: timedelta, text: str) -> None:
    assert gap_text(gap) == text


@pytest.mark.parametrize(
    ("traceparent", "trace"),
    [
        ("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01", "4bf92f3577b34da6a3ce929d0e0e4736"),
        ("00-short-00f067aa0ba902b7-01", None), ("<script>", None), (7, None),
    ],
)  # fmt: skip
def test_only_a_trace_id_is_taken_for_one(traceparent: object, trace: str | None) -> None:
    assert trace_id_of({"traceparent": traceparent}) == trace
