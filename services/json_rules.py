"""What JSON may hold so that PostgreSQL and every other reader keep it as it is."""

import math
from collections.abc import Iterator, Mapping
from decimal import Decimal

from services.errors import InvalidInput

MAX_DEPTH = 100
"""Levels of nesting; far more than tools take, far less than parsers break at."""
TOO_DEEP = f"is nested more than {MAX_DEPTH} deep"
INTEGER_LIMIT = 2**63
"""Integers below it are kept by every reader. `jsonb` has no exponents: to it, a float this large is an integer."""

Problem = tuple[str, str]
"""Where, and what is wrong there."""


def check_json(path: str, value: object) -> None:
    """Refuse NUL, lone surrogates, NaN, integers beyond 64 bits, odd types and endless nesting.

    Raises InvalidInput that names the place below `path`.
    """
    for place, problem in json_problems(path, value):
        raise InvalidInput(place, problem)


def json_problems(path: str, value: object, *, largest_float: float = math.inf, depth: int = 0) -> Iterator[Problem]:
    """Everything that `check_json` would refuse, and floats that are not below `largest_float`."""
    if depth > MAX_DEPTH:
        yield path, TOO_DEEP
    elif isinstance(value, Mapping):
        for key, inner in value.items():
            if not isinstance(key, str):
                yield path, "has a key that is no string"
                continue
            if (problem := _scalar_problem(key)) is not None:
                yield f"{path}: a key", problem
            yield from json_problems(f"{path}.{key}", inner, largest_float=largest_float, depth=depth + 1)
    elif isinstance(value, list | tuple):
        for at, inner in enumerate(value):
            yield from json_problems(f"{path}[{at}]", inner, largest_float=largest_float, depth=depth + 1)
    elif isinstance(value, float) and largest_float <= abs(value) < math.inf:
        yield path, "is a number of 2^63 or more; send it as a string"
    elif (problem := _scalar_problem(value)) is not None:
        yield path, problem


def exact_number(text: str) -> float | Decimal:
    """A number with a point or an exponent, as JSON has it: a float that says the same, or else a Decimal.

    Nothing below keeps more than a 64-bit float does, so `json_problems` refuses the Decimal.
    """
    exact, double = Decimal(text), float(text)
    return double if math.isfinite(double) and Decimal(repr(double)) == exact else exact


def _scalar_problem(value: object) -> str | None:  # noqa: PLR0911  # a table, read from the top
    match value:
        case str() if "\x00" in value:
            return "contains a NUL character, which PostgreSQL cannot store; remove it"
        case str() if not value.isascii() and any("\ud800" <= c <= "\udfff" for c in value):
            return "contains half a surrogate pair, which is no text; send valid UTF-8"
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
