"""What the database's refusals mean, by SQLSTATE: one table for both ways of reaching it.

Only what is about the data itself (classes 22 and 23, sizes, and what our own functions refuse by PT4xx) is the
caller's to change. Whatever else comes is NotReady: the same call may succeed later, and what it was to store is kept.
"""

import re

from services.errors import (
    ControlPlaneError,
    InvalidInput,
    Locked,
    NotFound,
    NotMigrated,
    NotReady,
    StateConflict,
    Unexplained,
)

PASSES = frozenset({"08", "25", "26", "40", "53", "55", "57", "58", "XX"})
"""Classes of SQLSTATE that say nothing about the call: the server is away, full, busy or broken, or a pooler in front
of it has lost our session (26)."""
NOT_MIGRATED = "database: not migrated"
THINGS = {"tenant_id": "tenant", "tool_slug": "tool"}
"""What a field names, where the thing is called otherwise."""
_ID = re.compile(r'[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|"(?:[^"\\]|\\.)*"')
"""How our functions write what they did not find: a UUID, or text as JSON."""


def meaning(code: str, message: str) -> ControlPlaneError:  # noqa: PLR0911, PLR0912  # a table, read from the top
    """The database's error as ours: one line, with the field and the remedy where the database names one."""
    text = " ".join(message.split())
    match code:
        case "55P03":
            return Locked("database: another open transaction holds what this needs; nothing was changed, try again")
        case _ if code[:2] in PASSES:
            return NotReady(f"database: {text}")
        case "PT404":
            return _not_found(*_split(text))
        case "PT409":
            return StateConflict(*_split(text))
        case "PT400":
            return InvalidInput(*_split(text))
        case "23514":
            return InvalidInput(_field(text), "breaks its rule (too long, empty, or not one of the allowed values)")
        case "23505":
            return StateConflict(_field(text), "exists already")
        case "23503":
            what = THINGS.get(_field(text), "row")
            return NotFound(what, None, f"no such {what}", field=_field(text))
        case "23502":
            return InvalidInput(_named(text, "column") or "a field", "is required")
        case "22P05" | "22021":
            return InvalidInput("text", "contains a NUL character, which PostgreSQL cannot store; remove it")
        case _ if code.startswith("22"):
            return InvalidInput("a value", f"cannot be stored ({code})")
        case _ if code.startswith("23"):
            return StateConflict(_field(text), f"breaks a rule of the database ({code})")
        case "54000" | "54001":
            return InvalidInput("a value", f"is too large or too deeply nested to be stored ({code})")
        case "42883" | "3F000" | "42P01":
            return NotMigrated(NOT_MIGRATED)
        case "42501":
            return NotReady(f"database: {text}; connect with a role that may")
        case "28P01" | "28000" | "3D000":
            return NotReady(f"database: {text}; check DATABASE_URL")
        case _:
            return Unexplained(f"database: {text} ({code})")


def _split(text: str) -> tuple[str, str]:
    """`<field>: <problem>`, as our functions raise."""
    field, _, problem = text.partition(": ")
    return field, problem


def _not_found(field: str, problem: str) -> NotFound:
    named = _ID.search(problem)
    return NotFound(THINGS.get(field, field), named and named[0].strip('"'), problem, field=field)


def _field(text: str) -> str:
    """`… violates check constraint "outbox_external_id_check"` → `external_id`."""
    constraint = _named(text, "constraint") or "row"
    match = re.fullmatch(
        r"(?:tenants|objectives|guardrails|connected_accounts|tool_catalog|outbox_dlq|outbox|approvals)_(.+?)"
        r"_(?:check|uidx|fkey|idx|pkey)",
        constraint,
    )
    return match.group(1) if match else constraint


def _named(text: str, kind: str) -> str | None:
    found = re.search(rf'{kind} "([^"]+)"', text)
    return found.group(1) if found else None
