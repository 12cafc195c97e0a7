"""JSON as PostgreSQL's `jsonb` stores it, so that sizes, hashes and comparisons are the same in Python and SQL."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import orjson

from services.errors import InvalidInput

MAX_DIGITS = 131_072
"""How many digits a `numeric` may have before the decimal point. The limit for digits after the point is lower."""


def jsonb_text(value: Any) -> str:
    """The result of `value::jsonb::text`: keys by length and then by bytes, a space after each colon and comma.

    Raises InvalidInput for a value that `jsonb` cannot store.
    """
    try:
        return _text(orjson.loads(orjson.dumps(value)))
    except TypeError as exc:
        raise InvalidInput("a value", f"cannot be written as JSON ({exc})") from exc


def exact_text(document: Any) -> str:
    """Same as `jsonb_text`, for JSON with its numbers as Decimal, which keeps every digit: 1.10 stays 1.10.

    Raises InvalidInput for a value that `jsonb` cannot store.
    """
    return _text(document)


def as_stored(value: Any) -> Any:
    """`value` as PostgreSQL returns it after storing it, as a copy."""
    return orjson.loads(jsonb_text(value))


def is_equal(left: Any, right: Any) -> bool:
    """Whether `jsonb` considers them equal: numbers by value, and booleans are not numbers."""
    if isinstance(left, Mapping) and isinstance(right, Mapping):
        return left.keys() == right.keys() and all(is_equal(left[key], right[key]) for key in left)
    if isinstance(left, list) and isinstance(right, list):
        return len(left) == len(right) and all(map(is_equal, left, right))
    return isinstance(left, bool) == isinstance(right, bool) and bool(left == right)


def field_text(document: Mapping[str, Any], key: str) -> str | None:
    """The result of `document ->> key`."""
    value = document.get(key)
    return value if value is None or isinstance(value, str) else jsonb_text(value)


def moment_text(moment: datetime) -> str:
    """A time as PostgreSQL writes it in JSON: without zeros at the end of the fraction."""
    seconds, _, fraction = moment.astimezone(UTC).replace(tzinfo=None).isoformat().partition(".")
    return f"{seconds}.{fraction.rstrip('0')}+00:00" if fraction else f"{seconds}+00:00"


def _text(value: Any) -> str:
    if isinstance(value, dict):
        members = sorted(value.items(), key=lambda item: (len(item[0].encode()), item[0].encode()))
        return "{" + ", ".join(f"{_text(key)}: {_text(item)}" for key, item in members) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_text, value)) + "]"
    if isinstance(value, float):
        return _number(Decimal(orjson.dumps(value).decode()))
    if isinstance(value, Decimal):
        return _number(value)
    if isinstance(value, str) and "\0" in value:
        raise InvalidInput("text", "contains a NUL character, which PostgreSQL cannot store; remove it")
    return json.dumps(value, ensure_ascii=False)


def _number(exact: Decimal) -> str:
    """The text of a `numeric`: without an exponent or a negative zero."""
    if abs(exact.adjusted()) > MAX_DIGITS:
        raise InvalidInput("number", "has more digits than PostgreSQL can store")
    return format(abs(exact) if exact.is_zero() else exact, "f")
