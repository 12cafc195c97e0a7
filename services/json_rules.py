"""What JSON may hold so that PostgreSQL and every other reader keep it as it is."""

import math
from collections.abc import Mapping

from services.errors import InvalidInput

DEEPEST = 100
"""Levels of nesting; far more than tools take, far less than parsers break at."""


def check_json(path: str, value: object, depth: int = 0) -> None:
    """Refuse NUL, lone surrogates, NaN, integers beyond 64 bits, odd types and endless nesting.

    Raises InvalidInput that names the place below `path`.
    """
    if depth > DEEPEST:
        raise InvalidInput(path, f"is nested more than {DEEPEST} deep")
    if isinstance(value, Mapping):
        for key, inner in value.items():
            if not isinstance(key, str):
                raise InvalidInput(path, "has a key that is no string")
            _check_scalar(f"{path}: a key", key)
            check_json(f"{path}.{key}", inner, depth + 1)
    elif isinstance(value, list | tuple):
        for at, inner in enumerate(value):
            check_json(f"{path}[{at}]", inner, depth + 1)
    else:
        _check_scalar(path, value)


def _check_scalar(path: str, value: object) -> None:
    match value:
        case None | bool():
            pass
        case str():
            if "\x00" in value:
                raise InvalidInput(path, "contains a NUL character, which PostgreSQL cannot store; remove it")
            if not value.isascii() and any("\ud800" <= c <= "\udfff" for c in value):
                raise InvalidInput(path, "contains half a surrogate pair, which is no text; send valid UTF-8")
        case int():
            if not -(2**63) <= value < 2**63:
                raise InvalidInput(path, "is an integer beyond 64 bits; send it as a string")
        case float():
            if not math.isfinite(value):
                raise InvalidInput(path, "is not a finite number, which JSON cannot write")
        case _:
            raise InvalidInput(path, f"is a {type(value).__name__}, which JSON cannot write")
