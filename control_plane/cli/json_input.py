"""Read a JSON object from the command line."""

import json
from typing import Any

from services.errors import InvalidInput
from services.json_rules import exact_number


def parse_object(text: str) -> dict[str, Any]:
    """Parse a JSON object, and refuse repeated keys and NaN. Numbers that do not fit into a float become Decimals.

    Raises InvalidInput that names the place.
    """

    def refuse_repeated_keys(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        parsed: dict[str, Any] = {}
        for key, value in pairs:
            if key in parsed:
                raise InvalidInput(key, "occurs twice in the same object: keep one")
            parsed[key] = value
        return parsed

    def refuse_constant(name: str) -> None:
        raise InvalidInput("JSON", f"contains {name}, which is not JSON")

    try:
        document = json.loads(
            text, object_pairs_hook=refuse_repeated_keys, parse_constant=refuse_constant, parse_float=exact_number
        )
    except json.JSONDecodeError as exc:
        raise InvalidInput("JSON", f"is not JSON: {exc.msg} at column {exc.colno}") from exc
    except (RecursionError, ValueError) as exc:
        raise InvalidInput("JSON", "is nested too deep, or contains a number that is too long") from exc
    if not isinstance(document, dict):
        raise InvalidInput("JSON", "must be a JSON object")
    return document
