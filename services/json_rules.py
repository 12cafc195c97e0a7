"""Rules for JSON that PostgreSQL and every other reader must keep unchanged."""

import math
from collections.abc import Iterator, Mapping
from decimal import Decimal

from services.errors import InvalidInput

MAX_DEPTH = 100
"""Levels of nesting: more than tools need, and few enough for every parser."""
TOO_DEEP = f"is nested more than {MAX_DEPTH} levels deep"
INTEGER_LIMIT = 2**63
"""Every reader keeps integers below it. `jsonb` has no exponents, so it would store a larger float as an integer beyond
this limit."""

HAS_NUL = "contains a NUL character, which PostgreSQL cannot store; remove it"
HAS_HALF_A_PAIR = "contains half a surrogate pair, which UTF-8 cannot encode; send valid UTF-8"

Problem = tuple[str, str]
"""The path of a value, and what is wrong with it."""


def check_json(path: str, value: object) -> None:
    """Refuse NUL, lone surrogates, NaN, integers beyond 64 bits, types that JSON lacks, and too deep nesting.

    Raises InvalidInput with the path of the first such value; the path begins with `path`.
    """
    for inner_path, problem in json_problems(path, value):
        raise InvalidInput(inner_path, problem)


def json_problems(path: str, value: object, *, float_limit: float = math.inf, depth: int = 0) -> Iterator[Problem]:
    """Everything that `check_json` refuses, and floats of `float_limit` or more."""
    if depth > MAX_DEPTH:
        yield path, TOO_DEEP
    elif isinstance(value, Mapping):
        for key, inner in value.items():
            if not isinstance(key, str):
                yield path, "has a key that is not a string"
                continue
            if (problem := _scalar_problem(key)) is not None:
                yield f"{path}: a key", problem
            yield from json_problems(f"{path}.{key}", inner, float_limit=float_limit, depth=depth + 1)
    elif isinstance(value, list | tuple):
        for index, inner in enumerate(value):
            yield from json_problems(f"{path}[{index}]", inner, float_limit=float_limit, depth=depth + 1)
    elif isinstance(value, float) and float_limit <= abs(value) < math.inf:
        yield path, "is a number of 2^63 or more; send it as a string"
    elif (problem := _scalar_problem(value)) is not None:
        yield path, problem


def find_unstorable_text(path: str, value: object) -> Problem | None:
    """The first text in the value that PostgreSQL cannot store."""
    return next((found for found in json_problems(path, value) if found[1] in {HAS_NUL, HAS_HALF_A_PAIR}), None)


def is_plain_json(value: object, *, depth: int = 0) -> bool:
    """A quick test for the usual case. If true, `json_problems` with a `float_limit` of at least 2^63 finds
    no problem.

    If false, there may be a problem: call `json_problems`, which is ten times slower because it tracks paths.
    """
    if isinstance(value, str):
        return value.isascii() and "\x00" not in value
    if isinstance(value, dict):
        return depth < MAX_DEPTH and _is_plain_object(value, depth)
    if isinstance(value, list | tuple):
        return depth < MAX_DEPTH and all(is_plain_json(inner, depth=depth + 1) for inner in value)
    if isinstance(value, int | float):
        return -INTEGER_LIMIT < value < INTEGER_LIMIT
    return value is None


def _is_plain_object(document: Mapping[object, object], depth: int) -> bool:
    for key, inner in document.items():
        if not isinstance(key, str) or not key.isascii() or "\x00" in key:
            return False
        if isinstance(inner, str):  # a call for each text would take most of the time
            if not inner.isascii() or "\x00" in inner:
                return False
        elif not is_plain_json(inner, depth=depth + 1):
            return False
    return True


def exact_number(text: str) -> float | Decimal:
    """A JSON number with a point or an exponent: a float if the float is exactly equal, else a Decimal.

    `json_problems` refuses the Decimal, because a tool would get a rounded number.
    """
    exact, rounded = Decimal(text), float(text)
    return rounded if math.isfinite(rounded) and Decimal(repr(rounded)) == exact else exact


def without_duplicates(pairs: list[tuple[str, object]]) -> dict[str, object]:
    """The JSON object of these pairs, for `json.loads`. Raises InvalidInput for a key that occurs twice."""
    document: dict[str, object] = {}
    for key, value in pairs:
        if key in document:
            raise InvalidInput(key, "occurs twice in the same object: keep one")
        document[key] = value
    return document


def _scalar_problem(value: object) -> str | None:  # noqa: PLR0911  # a table of cases
    match value:
        case str() if "\x00" in value:
            return HAS_NUL
        case str() if not value.isascii() and any("\ud800" <= char <= "\udfff" for char in value):
            return HAS_HALF_A_PAIR
        case float() if not math.isfinite(value):
            return "is not a finite number, which JSON cannot write"
        case None | bool() | str() | float():
            return None
        case int():
            return (
                None if -INTEGER_LIMIT <= value < INTEGER_LIMIT else "is an integer beyond 64 bits; send it as a string"
            )
        case Decimal():
            return "is a number that a 64-bit float cannot keep exactly; send it as a string"
        case _:
            return f"is a {type(value).__name__}, which JSON cannot write"
