"""Match a message with the regular expressions of corrections, within a time limit.

Patterns come from people and from texts of customers. A pattern that takes too long is refused when its correction is
approved. If it takes too long only for some message, it is skipped for that message.
"""

import math
import re
from collections.abc import Sequence
from functools import lru_cache

import regex

from services.errors import InvalidInput

MATCH_WITHIN = 0.05
"""Seconds for one pattern and one message."""
MAX_PATTERN = 1000
MAX_PATTERNS = 50
MAX_REPEATS = 10_000
"""The counts of all repetitions, multiplied: a compiler unrolls `((a{50}){50}){50}` until the memory is full."""
_COUNT_PATTERN = re.compile(r"\{(\d{1,9})?(?:,(\d{1,9})?)?\}")
_HOSTILE_TEXTS = ("a" * 4000, "a" * 4000 + "!", "a " * 2000 + "!", "1" * 4000 + "x", "aA1 " * 1000, " " * 4000 + "!")
"""Texts for which common mistakes such as `(a+)+$` take for ever."""


def check_patterns(patterns: Sequence[object]) -> None:
    """Raise InvalidInput for a pattern that cannot be used. The field of the error has the number of the pattern."""
    if len(patterns) > MAX_PATTERNS:
        raise InvalidInput("patterns", f"are {len(patterns)}; at most {MAX_PATTERNS} are used")
    for number, pattern in enumerate(patterns):
        field = f"patterns[{number}]"
        if not isinstance(pattern, str) or not 0 < len(pattern) <= MAX_PATTERN:
            raise InvalidInput(field, f"must be a text of 1 to {MAX_PATTERN} characters")
        try:
            compiled = _compile(pattern)
        except regex.error as exc:
            raise InvalidInput(field, f"is not a regular expression that can be used: {exc}") from exc
        if compiled.search(""):
            raise InvalidInput(field, "matches every message")
        try:
            for text in _HOSTILE_TEXTS:
                compiled.search(text, timeout=MATCH_WITHIN)
        except TimeoutError as exc:
            raise InvalidInput(field, "takes too long for some messages; avoid repetitions inside repetitions") from exc


def matches(pattern: str, text: str) -> bool | None:
    """Whether the pattern is found in the text; upper and lower case are equal. None if the pattern is invalid or takes
    too long for this text."""
    try:
        return _compile(pattern).search(text, timeout=MATCH_WITHIN) is not None
    except (regex.error, TimeoutError):
        return None


@lru_cache(maxsize=4096)
def _compile(pattern: str) -> "regex.Pattern[str]":
    counts = (int(most or least or 1) for least, most in _COUNT_PATTERN.findall(pattern))
    if len(pattern) > MAX_PATTERN or math.prod(max(count, 1) for count in counts) > MAX_REPEATS:
        raise regex.error(f"the counts of its repetitions multiply to more than {MAX_REPEATS:,}")
    try:
        return regex.compile(pattern, regex.IGNORECASE)
    except RecursionError as exc:
        raise regex.error("it is nested too deeply") from exc
