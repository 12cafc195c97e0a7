"""Read JSON strictly: no key twice, no NaN, and no digit lost."""

import json
from typing import Any

from services.errors import InvalidInput
from services.json_rules import exact_number


def parse_object(text: str | bytes, *, name: str = "JSON") -> dict[str, Any]:
    """A JSON object. Raises InvalidInput that names the place; `name` is what the text is called there.

    A number that a float would change stays a Decimal.
    """
    try:
        document = json.loads(
            text, object_pairs_hook=_without_duplicates, parse_constant=_refuse_constant, parse_float=exact_number
        )
    except json.JSONDecodeError as exc:
        raise InvalidInput(name, f"is not JSON: {exc.msg} at column {exc.colno}") from exc
    except (RecursionError, ValueError) as exc:
        raise InvalidInput(name, "is nested too deep, holds a number too long to read, or is not UTF-8") from exc
    if not isinstance(document, dict):
        raise InvalidInput(name, "must be a JSON object")
    return document


def _without_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    document: dict[str, Any] = {}
    for key, value in pairs:
        if key in document:
            raise InvalidInput(key, "stands twice in the same object; keep one")
        document[key] = value
    return document


def _refuse_constant(name: str) -> None:
    raise InvalidInput("JSON", f"holds {name}, which is not JSON")
