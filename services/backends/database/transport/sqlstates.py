"""Map the SQLSTATE codes of database errors to exceptions. Both transports use this table.

Errors about the data itself are for the caller to correct: classes 22 and 23, values that are too large, and the PT4xx
codes that our SQL functions raise. Every other error is a NotReady: the same call may succeed later, so the caller
keeps its data and tries again.
"""

import json
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from services.backends.rows.reading import moment_or_never
from services.errors import (
    ControlPlaneError,
    DecisionConflict,
    InvalidInput,
    Locked,
    NoPrivilege,
    NotAllowed,
    NotFound,
    NotMigrated,
    NotReady,
    RefusedByDatabase,
    StateConflict,
)
from services.json_rules import find_unstorable_text

TRANSIENT_CLASSES = frozenset({"08", "25", "26", "40", "53", "55", "57", "58", "XX"})
"""SQLSTATE classes of errors that the call did not cause: the server is unreachable, out of resources, busy or broken,
or a pooler has switched the session (26)."""
NOT_MIGRATED = "database: not migrated"
KIND_OF_FIELD = {"tenant_id": "tenant", "tool_slug": "tool", "objective_id": "objective"}
"""The kind of thing that a field names, where it differs from the name of the field."""
WITH_UNIQUE_INDEX = (
    "api_token_hashes", "approvals", "end_counts", "evidence", "guardrails", "inbound_webhooks", "job_runs",
    "outbox_dlq", "outbox", "signals", "tool_catalog",
)  # fmt: skip
"""Tables with a unique index. The error for a duplicate key names the index and not the table, so the table is
recognized by the index."""
_ID_PATTERN = re.compile(r'[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|"(?:[^"\\]|\\.)*"')
"""How our functions write the id of a missing thing: a UUID, or text as JSON."""


def error_for_sqlstate(code: str, message: str, detail: str | None = None) -> ControlPlaneError:  # noqa: PLR0911, PLR0912  # a table, read from the top
    """The exception for a database error. Its text is one line, with the field if the database names one.

    `detail` is JSON for a PT409 about a decision; other details are not shown, because they may repeat values.
    """
    text = " ".join(message.split())
    match code:
        case "55P03":
            return Locked("database: an open transaction holds a lock that this call needs; nothing changed; try again")
        case _ if code[:2] in TRANSIENT_CLASSES:
            return NotReady(f"database: {text}")
        case "PT404":
            return _not_found(*_split_message(text))
        case "PT409" if detail is not None:
            return _decision_conflict(text, detail)
        case "PT409":
            return StateConflict(*_split_message(text))
        case "PT403":
            return NotAllowed(text)
        case "PT400":
            return InvalidInput(*_split_message(text))
        case "23514":
            return InvalidInput(_field(text), "is too long, empty, or not one of the allowed values")
        case "23505":
            return StateConflict(_field(text), "already exists")
        case "23503":
            kind = KIND_OF_FIELD.get(_field(text), "row")
            return NotFound(kind, None, f"no such {kind}", field=_field(text))
        case "23502":
            return InvalidInput(_quoted_name(text, "column") or "a field", "is required")
        case "22P05" | "22021":
            return InvalidInput("text", "contains a NUL character, which PostgreSQL cannot store; remove it")
        case _ if code.startswith("22"):
            return InvalidInput("a value", f"cannot be stored ({code})")
        case _ if code.startswith("23"):
            return StateConflict(_field(text), f"violates a constraint of the database ({code})")
        case "54000" | "54001":
            return InvalidInput("a value", f"is too large or too deeply nested to be stored ({code})")
        case "42883" | "3F000" | "42P01":
            return NotMigrated(NOT_MIGRATED)
        case "42501":
            return NoPrivilege(f"database: {text}; connect as a role that has this privilege")
        case "28P01" | "28000" | "3D000":
            return NotReady(f"database: {text}; check DATABASE_URL")
        case _:
            return RefusedByDatabase(f"database: {text} ({code})")


@contextmanager
def name_unstorable_text(arguments: Mapping[str, object]) -> Iterator[None]:
    """If an error is about a value without naming it, raise the error again with the name of the argument that has an
    unstorable text. The database does not know the names of arguments."""
    try:
        yield
    except InvalidInput as exc:
        problems = (find_unstorable_text(name, value) for name, value in arguments.items())
        found = next((problem for problem in problems if problem is not None), None)
        if exc.field not in {"a value", "text"} or found is None:
            raise
        raise InvalidInput(*found) from exc


def _split_message(text: str) -> tuple[str, str]:
    """The two parts of `<field>: <problem>`, the form in which our functions raise."""
    field, _, problem = text.partition(": ")
    return field, problem


def _decision_conflict(text: str, detail: str) -> DecisionConflict:
    members = json.loads(detail)
    decided_at = members["decided_at"]
    return DecisionConflict(
        *_split_message(text),
        current_digest=members["current_digest"],
        decided_by=members["decided_by"],
        decided_at=None if decided_at is None else moment_or_never(decided_at),
    )


def _not_found(field: str, problem: str) -> NotFound:
    id_match = _ID_PATTERN.search(problem)
    return NotFound(KIND_OF_FIELD.get(field, field), id_match and id_match[0].strip('"'), problem, field=field)


def _field(text: str) -> str:
    """The field that a constraint is about: `… check constraint "outbox_external_id_check"` → `external_id`."""
    constraint = _quoted_name(text, "constraint") or "row"
    if constraint.endswith("_pkey"):
        return "token_hash" if constraint == "api_token_hashes_pkey" else "id"
    tables = [table for kind in ("relation", "table") if (table := _quoted_name(text, kind)) is not None]
    table = next((table for table in (*tables, *WITH_UNIQUE_INDEX) if constraint.startswith(f"{table}_")), "")
    match = re.fullmatch(rf"{re.escape(table)}_(.+?)_(?:check|fits|uidx|fkey|idx|key)", constraint)
    return match.group(1) if table and match else constraint


def _quoted_name(text: str, kind: str) -> str | None:
    match = re.search(rf'{kind} "([^"]+)"', text)
    return match.group(1) if match else None
