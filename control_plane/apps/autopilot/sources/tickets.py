"""Make a ticket from the fields of a record: texts that can be stored, within limits, and what was changed. Pure."""

import json
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import orjson

from control_plane.apps.autopilot.values import Ticket, TicketProblem

MAX_ID = 255
"""Characters of a ticket's number: it is part of a unique index, whose entries have at most 2,700 bytes."""
MAX_SUBJECT = 1_000
"""Characters of a subject. Ticket systems allow 160 to 255; a longer one is a text in the wrong field."""
MAX_TEXT = 100_000
"""Characters of a description or resolution: more than anybody reads, and ten times what is clustered."""
MAX_WORDS = 255
"""Characters of a status, a priority, a requester and an assignee."""
MAX_METADATA_BYTES = 1024 * 1024
"""Bytes of `source_metadata` as JSON. A row of a megabyte is still read in milliseconds."""
MAX_DEPTH = 100
"""Levels of objects and lists in the record, as in all documents that are stored."""
NO_SUBJECT = "(no subject)"
NO_STATUS = "(no status)"
NOTES = "_notes"
"""The key in `source_metadata` that lists what was changed. No ticket system uses it."""

_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
_MARK = "\N{HORIZONTAL ELLIPSIS}"


@dataclass(frozen=True, slots=True, kw_only=True)
class RawTicket:
    """The fields of a record as texts, still as the ticket system sent them."""

    external_id: str | None
    subject: str | None
    status: str | None
    description: str | None = None
    priority: str | None = None
    requester: str | None = None
    assignee: str | None = None
    resolution: str | None = None
    created_at: datetime | None = None
    updated_at: datetime | None = None
    resolved_at: datetime | None = None
    record: Mapping[str, Any] = field(default_factory=dict)
    invalid_dates: tuple[str, ...] = ()
    """The fields with a date that cannot be read."""


def make_ticket(raw: RawTicket, *, where: str = "") -> tuple[Ticket | None, tuple[TicketProblem, ...]]:
    """The ticket, and the problems of its record. None if the record has no number under which it could be stored.

    `where` begins the details of problems, such as `line 7: `.
    """
    notes: list[str] = []
    external_id = _text(raw.external_id, "external_id", MAX_ID + 1, notes, one_line=True)
    if external_id is None or len(external_id) > MAX_ID:
        problem = "has no value" if external_id is None else f"has more than {MAX_ID} characters"
        code = "external_id_missing" if external_id is None else "external_id_too_long"
        return None, (TicketProblem(external_id=None, code=code, detail=f"{where}external_id: {problem}"),)
    problems = [
        TicketProblem(
            external_id=external_id, code="date_invalid", detail=f"{where}{name}: is no date that can be read"
        )
        for name in raw.invalid_dates
    ]
    subject = _text(raw.subject, "subject", MAX_SUBJECT, notes, one_line=True)
    status = _text(raw.status, "external_status", MAX_WORDS, notes, one_line=True)
    for name, value, instead in (("subject", subject, NO_SUBJECT), ("external_status", status, NO_STATUS)):
        if value is None:
            detail = f"{where}{name}: has no value; stored as {instead}"
            problems.append(TicketProblem(external_id=external_id, code=f"{name}_missing", detail=detail))
    ticket = Ticket(
        external_id=external_id,
        subject=subject or NO_SUBJECT,
        external_status=status or NO_STATUS,
        description=_text(raw.description, "description", MAX_TEXT, notes),
        priority=_text(raw.priority, "priority", MAX_WORDS, notes, one_line=True),
        requester=_text(raw.requester, "requester", MAX_WORDS, notes, one_line=True),
        assignee=_text(raw.assignee, "assignee", MAX_WORDS, notes, one_line=True),
        resolution=_text(raw.resolution, "resolution", MAX_TEXT, notes),
        source_created_at=raw.created_at,
        source_updated_at=raw.updated_at,
        resolved_at=raw.resolved_at,
        source_metadata=make_metadata(raw.record, notes),
    )
    return ticket, tuple(problems)


def make_metadata(record: Mapping[str, Any], notes: list[str]) -> dict[str, Any]:
    """The record in a form that jsonb can store, in at most MAX_METADATA_BYTES, with the notes under NOTES."""
    if not notes and _is_storable(record):
        return dict(record)
    changed: set[str] = set()
    metadata = _storable(record, changed, MAX_DEPTH)
    longest = 64 * 1024
    while (size := _json_bytes(metadata)) > MAX_METADATA_BYTES - 4096:  # leaves room for the notes
        changed.add("the record was cut to 1 MiB")
        if longest < 16:  # the record has too many values: shorter texts do not help
            metadata = {"truncated": True, "bytes": size}
            break
        metadata = _shortened(metadata, longest)
        longest //= 8
    all_notes = [*notes, *sorted(changed)]
    return {**metadata, NOTES: all_notes} if all_notes else metadata


def utc(moment: datetime) -> datetime:
    """The moment in UTC. Raises ValueError for one without a time zone, or outside the years 1 to 9999."""
    if moment.tzinfo is None:
        raise ValueError("has no time zone")
    try:
        return moment.astimezone(UTC)
    except OverflowError as exc:
        raise ValueError("is outside the calendar") from exc


def _text(value: str | None, name: str, longest: int, notes: list[str], *, one_line: bool = False) -> str | None:
    """The text without the characters that PostgreSQL cannot store, within its limit; None if nothing is left."""
    if value is None:
        return None
    is_long = len(value) > 4 * longest  # cut first: white space is removed from what is left
    text = _UNSTORABLE.sub("\ufffd", value[: 4 * longest] if is_long else value)
    if "\ufffd" in text and _UNSTORABLE.search(value):
        notes.append(f"{name}: characters that cannot be stored were replaced")
    text = " ".join(text.split()) if one_line else text.replace("\r\n", "\n").strip()
    if len(text) > longest or is_long:
        notes.append(f"{name}: was cut after {longest:,} of {len(value):,} characters")
        text = text[:longest]
    return text or None


def _is_storable(record: Mapping[str, Any]) -> bool:
    """Whether the record can be stored as it is, as far as its JSON shows quickly."""
    try:
        raw = orjson.dumps(record)
    except TypeError:  # lone surrogates, long integers, more than 254 levels
        return False
    return (
        len(raw) <= MAX_METADATA_BYTES
        and raw.count(b"{") + raw.count(b"[") <= MAX_DEPTH
        and b"\\u0000" not in raw
        and b"null" not in raw  # orjson also writes NaN as null
    )


def _storable(value: Any, changed: set[str], depth: int) -> Any:
    if isinstance(value, str):
        text = _UNSTORABLE.sub("\ufffd", value)
        if text != value:
            changed.add("the record: characters that cannot be stored were replaced")
        return text
    if isinstance(value, Mapping | list | tuple) and depth == 0:
        changed.add(f"the record was cut below level {MAX_DEPTH}")
        return _MARK
    if isinstance(value, Mapping):
        return {_storable(str(key), changed, depth): _storable(each, changed, depth - 1) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_storable(each, changed, depth - 1) for each in value]
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    return value


def _shortened(value: Any, longest: int) -> Any:
    """A copy in which no text has more than `longest` characters."""
    if isinstance(value, str) and len(value) > longest:
        return value[:longest] + _MARK
    if isinstance(value, Mapping):
        return {_shortened(key, longest): _shortened(each, longest) for key, each in value.items()}
    if isinstance(value, list):
        return [_shortened(each, longest) for each in value]
    return value


def _json_bytes(value: Any) -> int:
    return len(json.dumps(value, ensure_ascii=False, default=str).encode())
