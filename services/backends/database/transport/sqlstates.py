"""Map the SQLSTATE codes of database errors to exceptions. Both transports use this table.

Errors about the data itself are for the caller to correct: classes 22 and 23, values that are too large, and the PT4xx
codes that our SQL functions raise. Every other error is a NotReady: the same call may succeed later, so the caller
keeps its data and tries again.
"""

import re

from services.errors import ControlPlaneError, InvalidInput, Locked, NotFound, NotReady, StateConflict, Unexplained

TRANSIENT = frozenset({"08", "25", "26", "40", "53", "55", "57", "58", "XX"})
"""SQLSTATE classes that do not depend on the call: the server is unreachable, out of resources, busy or broken, or a
pooler has switched the session (26)."""
NOT_MIGRATED = "database: not migrated; run: python -m control_plane db migrate"


def error_for_sqlstate(code: str, message: str) -> ControlPlaneError:  # noqa: PLR0911, PLR0912  # a table, read from the top
    """The exception for a database error. Its text is one line, with the field if the database names one."""
    text = " ".join(message.split())
    match code:
        case "55P03":
            return Locked("database: an open transaction holds a lock that this call needs; nothing changed; try again")
        case _ if code[:2] in TRANSIENT:
            return NotReady(f"database: {text}")
        case "PT404":
            return NotFound(text)
        case "PT409":
            return StateConflict(text)
        case "PT400":
            field, _, problem = text.partition(": ")
            return InvalidInput(field, problem)
        case "23514":
            return InvalidInput(_field(text), "is too long, empty, or not one of the allowed values")
        case "23505":
            return StateConflict(f"{_field(text)}: already exists")
        case "23503":
            target = " tenant; see: python -m control_plane tenants list" if _field(text) == "tenant_id" else " row"
            return NotFound(f"{_field(text)}: no such{target}")
        case "23502":
            return InvalidInput(_quoted_name(text, "column") or "a field", "is required")
        case "22P05" | "22021":
            return InvalidInput("text", "contains a NUL character, which PostgreSQL cannot store; remove it")
        case _ if code.startswith("22"):
            return InvalidInput("a value", f"cannot be stored ({code})")
        case _ if code.startswith("23"):
            return StateConflict(f"{_field(text)}: violates a constraint of the database ({code})")
        case "54000" | "54001":
            return InvalidInput("a value", f"is too large or too deeply nested to be stored ({code})")
        case "42883" | "3F000" | "42P01":
            return NotReady(NOT_MIGRATED)
        case "42501":
            return NotReady(f"database: {text}; connect as a role that has this privilege")
        case "28P01" | "28000" | "3D000":
            return NotReady(f"database: {text}; check DATABASE_URL")
        case _:
            return Unexplained(f"database: {text} ({code})")


def _field(text: str) -> str:
    """The field that a constraint is about: `… check constraint "outbox_external_id_check"` → `external_id`."""
    constraint = _quoted_name(text, "constraint") or "row"
    match = re.fullmatch(
        r"(?:tenants|objectives|guardrails|connected_accounts|tool_catalog|outbox_dlq|outbox|approvals)_(.+?)"
        r"_(?:check|uidx|fkey|idx|pkey)",
        constraint,
    )
    return match.group(1) if match else constraint


def _quoted_name(text: str, kind: str) -> str | None:
    match = re.search(rf'{kind} "([^"]+)"', text)
    return match.group(1) if match else None
