"""Validation errors of pydantic in plain words, for the people who wrote the value."""

import re
from collections.abc import Mapping
from typing import Any

_COMPARED = {
    "greater_than": "greater than",
    "greater_than_equal": "at least",
    "less_than": "less than",
    "less_than_equal": "at most",
}


def plain_problem(error: Mapping[str, Any]) -> str:
    """Describe one error of `ValidationError.errors()` in plain words, such as `must be at least 1`."""
    kind = str(error["type"])
    match kind:
        case "missing":
            return "is required"
        case "uuid_type" | "uuid_parsing" | "uuid_version":
            return "must be a UUID"
        case "too_long" if isinstance(error.get("input"), str):
            return f"must have at most {error['ctx']['max_length']:,} characters"
        case "timezone_aware":
            return "has no time zone; write an offset, such as 2026-12-24T18:00:00+01:00"
    if kind in _COMPARED:
        [bound] = error["ctx"].values()
        shown = (
            "0 seconds" if str(bound) == "datetime.timedelta(0)" else bound
        )  # pydantic writes every other span in words
        return f"must be {_COMPARED[kind]} {shown}"
    return re.sub(r"^\w+ should ", "must ", error["msg"].removeprefix("Value error, "))
