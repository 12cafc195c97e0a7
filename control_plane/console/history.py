"""Make the steps of an envelope's timeline from its audit rows. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from services.audit_log import AuditRow
from services.audit_log.envelopes import envelopes_of

TITLES = {
    "envelope.proposed": ("Proposed", "plain"),
    "envelope.awaiting_approval": ("Waits for an approval", "warn"),
    "envelope.approved": ("Approved", "good"),
    "envelope.edited": ("Edited", "info"),
    "envelope.rejected": ("Rejected", "bad"),
    "envelope.granted": ("Allowed by a grant", "info"),
    "envelope.hold": ("Held", "warn"),
    "envelope.retry": ("Attempt failed, will be tried again", "warn"),
    "envelope.success": ("Succeeded", "good"),
    "envelope.conflict": ("Conflict: the tool answered that its state forbids the call", "plain"),
    "envelope.unknown": ("No answer from the tool", "warn"),
    "envelope.failed": ("Gave up", "bad"),
    "envelope.denied": ("Denied by a guardrail", "bad"),
    "envelope.expired": ("Expired", "bad"),
    "envelope.cancelled": ("Cancelled", "plain"),
    "envelope.requeued": ("Requeued", "info"),
    "envelope.discarded": ("Discarded", "plain"),
    "envelope.resolved": ("Resolved by a person", "info"),
    "approval.reminded": ("Approvers were reminded", "plain"),
    "approval.escalated": ("Escalated", "warn"),
}
"""Title and tone of a step, by the category of its audit row."""
ABOUT_THE_ENVELOPE = frozenset({"envelope_id", "external_id", "tool_slug", "door"})
"""Fields of a payload that are the same in all rows of an envelope, or that a step shows in another place."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One step of the timeline."""

    seq: int
    at: datetime
    title: str
    tone: str
    actor: str
    door: str | None
    after: str | None
    """The time since the previous step; None for the first step."""
    text: str | None
    """The error or the reason."""
    facts: Mapping[str, Any]
    """The other fields of the payload."""


def list_steps(rows: Sequence[AuditRow], envelope: UUID) -> list[Step]:
    """The steps of an envelope from its audit rows, in their order."""
    steps = []
    for number, row in enumerate(rows):
        payload = _own_payload(row, envelope)
        title, tone = TITLES.get(row.entry.category, (row.entry.category, "plain"))
        if row.entry.category == "envelope.approved" and payload.get("proposed_digest"):
            title = "Approved with other arguments"
        text = payload.get("error") or payload.get("reason")
        left_out = ABOUT_THE_ENVELOPE | ({"error"} if payload.get("error") else {"reason"})
        door = row.entry.payload.get("door")
        steps.append(
            Step(
                seq=row.seq,
                at=row.created_at,
                title=title,
                tone=tone,
                actor=row.entry.actor.principal,
                door=None if door is None else str(door),
                after=gap_text(row.created_at - rows[number - 1].created_at) if number else None,
                text=None if text is None else str(text),
                facts={name: _fact(name, value) for name, value in payload.items() if name not in left_out},
            )
        )
    return steps


def gap_text(gap: timedelta) -> str:
    """A span in at most two units: `2 h 5 min`, `3.2 s`, `40 ms`."""
    seconds = max(gap.total_seconds(), 0)
    if seconds < 1:
        return f"{round(seconds * 1000)} ms"
    if seconds < 60:
        return f"{seconds:.1f} s"
    for unit, size, smaller, part in (("d", 86400, "h", 3600), ("h", 3600, "min", 60), ("min", 60, "s", 1)):
        if seconds >= size:
            rest = int(seconds % size // part)
            return f"{int(seconds // size)} {unit}" + (f" {rest} {smaller}" if rest else "")
    return ""


def trace_id_of(metadata: Mapping[str, Any]) -> str | None:
    """The trace of the proposal, if its `traceparent` names one."""
    parts = str(metadata.get("traceparent", "")).split("-")
    return parts[1] if len(parts) == 4 and len(parts[1]) == 32 and parts[1].isalnum() else None


def _fact(name: str, value: Any) -> Any:
    """The value for a page: a text that is a time becomes a datetime, so that it is shown in the reader's time zone."""
    if name.endswith("_at") and isinstance(value, str):
        try:
            at = datetime.fromisoformat(value)
        except ValueError:
            return value
        return at if at.tzinfo else value
    return value


def _own_payload(row: AuditRow, envelope: UUID) -> Mapping[str, Any]:
    """The part of the row's payload about this envelope. A row about several envelopes has a list."""
    about = [each for each in envelopes_of(row.entry.payload) if each.get("envelope_id") == str(envelope)]
    return about[0] if about else row.entry.payload
