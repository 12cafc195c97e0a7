"""Reading the database's answers so that what one row holds spoils no other.

PostgreSQL keeps JSON that no reader takes: nested by thousands, or numbers beyond a double. Nearly always an answer is
read as a whole; where that fails it is read once more, and each column that spoiled it is an `Unreadable` instead.
"""

import json
import math
import re
from typing import Any

import orjson

from services.json_rules import DEEPEST

_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|[\[\]{}]|-?[0-9][0-9.eE+-]*', re.DOTALL)


class Unreadable:
    """Stands for a column that no reader takes."""

    def __init__(self, why: str) -> None:
        self.why = why

    def __repr__(self) -> str:
        return f"<{self.why}>"


def read_answer(data: bytes, columns_deep: int | None) -> Any:
    """What a function answered. Raises ValueError where that is no JSON at all.

    `columns_deep` is how many lists and objects are around a column; None: 2 in a list of rows, 1 in a row.
    """
    try:
        return orjson.loads(data)
    except orjson.JSONDecodeError:
        text = data.decode()
        return _by_column(text, columns_deep or (2 if text.lstrip().startswith("[") else 1))


def _by_column(text: str, level: int) -> Any:
    """`level`: how many lists and objects are around a column.

    A NaN, which no database writes, takes the place of a column that cannot be read.
    """
    parts: list[str] = []
    whys: list[str] = []
    kept_to = begin = depth = 0
    why: str | None = None

    def replace(start: int, end: int, problem: str) -> None:
        nonlocal kept_to
        parts.extend((text[kept_to:start], "NaN"))
        whys.append(problem)
        kept_to = end

    for token in _TOKEN.finditer(text):
        mark = token[0][0]
        if mark in "[{":
            begin = token.start() if depth == level else begin
            depth += 1
            why = why or (f"is nested more than {DEEPEST} deep" if depth > level + DEEPEST + 1 else None)
        elif mark in "]}":
            depth -= 1
            if depth == level and why is not None:
                replace(begin, token.end(), why)
                why = None
        elif mark != '"' and not math.isfinite(float(token[0])):
            problem = "has a number beyond 1.8e308"
            if depth > level:
                why = why or problem
            else:
                replace(token.start(), token.end(), problem)
    parts.append(text[kept_to:])
    found = iter(whys)
    return json.loads("".join(parts), parse_constant=lambda _: Unreadable(next(found)), parse_int=_number)


def _number(digits: str) -> int | float:
    return int(digits) if len(digits) < 100 else float(digits)
