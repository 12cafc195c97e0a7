"""Parse the JSON answers of the database, so that one unreadable column does not make the whole answer unreadable.

PostgreSQL stores JSON that JSON parsers reject: thousands of nested levels, or numbers too large for a double. An
answer is first parsed as a whole. If that fails, each column that cannot be parsed is replaced by an `Unreadable`.
"""

import json
import math
import re
from typing import Any

import orjson

from services.json_rules import MAX_DEPTH, TOO_DEEP

_TOKEN_PATTERN = re.compile(r'"(?:[^"\\]|\\.)*"|[\[\]{}]|-?[0-9][0-9.eE+-]*', re.DOTALL)


class Unreadable:
    """Replaces the value of a column that cannot be parsed."""

    def __init__(self, reason: str) -> None:
        self.reason = reason

    def __repr__(self) -> str:
        return f"<{self.reason}>"


def read_answer(data: bytes, columns_deep: int | None) -> Any:
    """The answer of a SQL function as Python values. Raises ValueError when the answer is not JSON.

    `columns_deep` is the nesting depth of a column: the number of lists and objects around it. None means 2 for a list
    of rows and 1 for a single row.
    """
    try:
        return orjson.loads(data)
    except orjson.JSONDecodeError:
        text = data.decode()
        return _parse_by_column(text, columns_deep or (2 if text.lstrip().startswith("[") else 1))


def _parse_by_column(text: str, columns_deep: int) -> Any:
    """Replace each unreadable column by NaN, which PostgreSQL never writes, then parse each NaN as an Unreadable."""
    parts: list[str] = []
    reasons: list[str] = []
    copied_to = column_start = depth = 0
    column_reason: str | None = None

    def replace(start: int, end: int, reason: str) -> None:
        nonlocal copied_to
        parts.extend((text[copied_to:start], "NaN"))
        reasons.append(reason)
        copied_to = end

    for token in _TOKEN_PATTERN.finditer(text):
        first = token[0][0]
        if first in "[{":
            column_start = token.start() if depth == columns_deep else column_start
            depth += 1
            if column_reason is None and depth > columns_deep + MAX_DEPTH + 1:
                column_reason = TOO_DEEP
        elif first in "]}":
            depth -= 1
            if depth == columns_deep and column_reason is not None:
                replace(column_start, token.end(), column_reason)
                column_reason = None
        elif first != '"' and not math.isfinite(float(token[0])):
            reason = "has a number beyond 1.8e308"
            if depth > columns_deep:
                column_reason = column_reason or reason
            else:
                replace(token.start(), token.end(), reason)
    parts.append(text[copied_to:])
    next_reason = iter(reasons)
    return json.loads("".join(parts), parse_constant=lambda _: Unreadable(next(next_reason)), parse_int=_parse_integer)


def _parse_integer(digits: str) -> int | float:
    return int(digits) if len(digits) < 100 else float(digits)
