"""Read JSON strictly: no key twice, no NaN, and no digit lost."""

import json
from typing import Any

from services.errors import InvalidInput
from services.json_rules import exact_number, without_duplicates


def parse_object(text: str | bytes, *, name: str = "JSON") -> dict[str, Any]:
    """Parse a JSON object, and refuse repeated keys and NaN. Numbers that a float would change become Decimals.

    Raises InvalidInput with the position of the error. `name` is the name of the text in messages.
    """
    try:
        document = json.loads(
            text, object_pairs_hook=without_duplicates, parse_constant=_refuse_constant, parse_float=exact_number
        )
    except UnicodeDecodeError as exc:
        raise InvalidInput(name, "is not UTF-8") from exc
    except json.JSONDecodeError as exc:
        raise InvalidInput(name, f"is not JSON: {exc.msg} at column {exc.colno}") from exc
    except (RecursionError, ValueError) as exc:
        raise InvalidInput(name, "is nested too deep, or contains a number that is too long") from exc
    if not isinstance(document, dict):
        raise InvalidInput(name, "must be a JSON object")
    return document


def _refuse_constant(name: str) -> None:
    raise InvalidInput("JSON", f"contains {name}, which is not JSON")
