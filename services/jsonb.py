"""JSON as PostgreSQL's `jsonb` keeps it, so that sizes, hashes and comparisons come out the same here and there."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import orjson

from services.errors import InvalidInput

MOST_DIGITS = 131_072
"""Before the point of a `numeric`; behind it there may be fewer still."""


def jsonb_text(value: Any) -> str:
    """What `value::jsonb::text` says: keys by length and then by bytes, a space after each colon and comma.

    Raises InvalidInput for what `jsonb` cannot hold.
    """
    try:
        return _text(orjson.loads(orjson.dumps(value)))
    except TypeError as exc:
        raise InvalidInput("a value", f"cannot be carried by JSON ({exc})") from exc


def exact_text(document: Any) -> str:
    """As `jsonb_text`, of JSON that was read with its numbers as Decimal, so that not a digit is lost: 1.10 stays 1.10.

    Raises InvalidInput for what `jsonb` cannot hold.
    """
    return _text(document)


def as_stored(value: Any) -> Any:
    """`value` as it comes back: a copy, and numbers as PostgreSQL writes them."""
    return orjson.loads(jsonb_text(value))


def is_equal(left: Any, right: Any) -> bool:
    """Whether `jsonb` calls them equal: numbers by value, and `true` is no number."""
    if isinstance(left, Mapping) and isinstance(right, Mapping):
        return left.keys() == right.keys() and all(is_equal(left[key], right[key]) for key in left)
    if isinstance(left, list) and isinstance(right, list):
        return len(left) == len(right) and all(map(is_equal, left, right))
    return isinstance(left, bool) == isinstance(right, bool) and bool(left == right)


def field_text(document: Mapping[str, Any], key: str) -> str | None:
    """What `document ->> key` says."""
    value = document.get(key)
    return value if value is None or isinstance(value, str) else jsonb_text(value)


def moment_text(moment: datetime) -> str:
    """A moment as PostgreSQL writes it in JSON: no zeros at the end of the fraction."""
    seconds, _, fraction = moment.astimezone(UTC).replace(tzinfo=None).isoformat().partition(".")
    return f"{seconds}.{fraction.rstrip('0')}+00:00" if fraction else f"{seconds}+00:00"


def _text(value: Any) -> str:
    if isinstance(value, dict):
        by_length = sorted(value.items(), key=lambda item: (len(item[0].encode()), item[0].encode()))
        return "{" + ", ".join(f"{_text(key)}: {_text(item)}" for key, item in by_length) + "}"
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
    """A `numeric`: never in exponents, and without a negative zero."""
    if abs(exact.adjusted()) > MOST_DIGITS:
        raise InvalidInput("number", "has more digits than PostgreSQL can store")
    return format(abs(exact) if exact.is_zero() else exact, "f")
