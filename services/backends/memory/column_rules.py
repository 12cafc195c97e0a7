"""Rules for the values of columns, like the functions `app_private.fits` in `db/migrations/012_tenant_writes.sql`."""

from collections.abc import Mapping
from typing import Any

from services.errors import InvalidInput
from services.json_rules import HAS_HALF_A_PAIR, TOO_DEEP, json_problems
from services.jsonb import as_stored, jsonb_text

DOCUMENT_PROBLEM = "must be a JSON object of at most 65536 bytes and 100 levels"
"""The problem of arguments, trust context or metadata that break one of these rules."""


def check_document(field: str, document: Any, at_most: int) -> None:
    """Raise InvalidInput if a document has more than `at_most` bytes as JSON, or is nested too deeply."""
    if (size := len(jsonb_text(document).encode())) > at_most:
        raise InvalidInput(field, f"is {size} bytes as JSON; at most {at_most} fit")
    if any(problem == TOO_DEEP for _, problem in json_problems(field, as_stored(document))):
        raise InvalidInput(field, TOO_DEEP)


def check_text(field: str, text: str | None, at_most: int) -> None:
    """Raise InvalidInput if a text has more than `at_most` bytes, or characters that PostgreSQL cannot store."""
    try:
        size = len((text or "").encode())
    except UnicodeEncodeError as exc:  # half a surrogate pair
        raise InvalidInput(field, HAS_HALF_A_PAIR) from exc
    if size > at_most:
        raise InvalidInput(field, f"is {size} bytes; at most {at_most} fit")


def check_column(field: str, is_allowed: bool) -> None:  # positional, so that a call reads like an assertion
    """Raise InvalidInput like a violated check constraint, unless `is_allowed`."""
    if not is_allowed:
        raise InvalidInput(field, "is too long, empty, or not one of the allowed values")


def hex_bytes(text: str) -> bytes:
    """Decode hex digits, like `decode(text, 'hex')` in SQL. Raises InvalidInput."""
    try:
        return bytes.fromhex(text)
    except ValueError as exc:
        raise InvalidInput("a value", "cannot be stored (22023)") from exc


def require_object(field: str, document: Any) -> None:
    """Raise InvalidInput if a value is not a JSON object."""
    require_value(field, document)
    if not isinstance(document, Mapping):
        raise InvalidInput(field, "must be a JSON object")


def require_value(field: str, value: Any) -> None:
    """Raise InvalidInput if a value is None."""
    if value is None:
        raise InvalidInput(field, "is required")
