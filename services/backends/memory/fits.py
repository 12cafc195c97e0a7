"""What a column takes: see the functions `app_private.fits` of `db/migrations/012_tenant_writes.sql`."""

from collections.abc import Mapping
from typing import Any

from services.errors import InvalidInput
from services.json_rules import TOO_DEEP, json_problems
from services.jsonb import as_stored, jsonb_text


def fits(field: str, document: Any, at_most: int) -> None:
    """Refuse a document that is larger as JSON, or nested deeper than readers take."""
    if (size := len(jsonb_text(document).encode())) > at_most:
        raise InvalidInput(field, f"is {size} bytes as JSON; at most {at_most} fit")
    if any(problem == TOO_DEEP for _, problem in json_problems(field, as_stored(document))):
        raise InvalidInput(field, TOO_DEEP)


def fits_text(field: str, text: str | None, at_most: int) -> None:
    """Refuse a text that is larger."""
    if text is not None and (size := len(text.encode())) > at_most:
        raise InvalidInput(field, f"is {size} bytes; at most {at_most} fit")


def require_object(field: str, document: Any) -> None:
    """Refuse what is no JSON object."""
    require(field, document)
    if not isinstance(document, Mapping):
        raise InvalidInput(field, "must be a JSON object")


def require(field: str, value: Any) -> None:
    """Refuse None."""
    if value is None:
        raise InvalidInput(field, "is required")
