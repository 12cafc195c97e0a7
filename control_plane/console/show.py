"""Format values for a page. Pure. The results are plain text; templates escape them."""

import difflib
import json
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

from services.hidden_characters import escape_hidden

MAX_LINES = 2000
"""Lines of a document that a page compares."""
MAX_COMPARISONS = 2_000_000
"""How many pairs of lines a page may compare. Above this, only lines that occur once are searched in the other
document."""
MAX_LINE_LENGTH = 200


def visible(value: object) -> str:
    """A text from outside, with hidden characters made visible."""
    return str(escape_hidden(str(value)))


def visible_lines(text: str) -> str:
    """Same as `visible`, for a text of several lines: its line breaks stay."""
    return "\n".join(visible(line) for line in text.split("\n"))


def pretty_json(value: Any) -> str:
    """A document on several lines, with hidden characters made visible."""
    shown = escape_hidden(_plain_value(value), keep_lines=True)  # JSON writes a line break as \n
    return json.dumps(shown, indent=2, ensure_ascii=False, default=str)


def _plain_value(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(key): _plain_value(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_plain_value(inner) for inner in value]
    return value


def iso_text(at: datetime) -> str:
    """The time as ISO 8601, for `<time datetime>`."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def utc_text(at: datetime) -> str:
    """The time in UTC, shown until a script writes the time in the reader's time zone, and as a tooltip."""
    return at.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S UTC")


def short_id(value: object) -> str:
    """The end of an id: ids that were made at the same time differ only there."""
    text = str(value)
    return text if len(text) <= 12 else f"…{text[-8:]}"


def thousands(value: float) -> str:
    """10000 → 10,000."""
    return f"{value:,}"


def seconds_text(value: float) -> str:
    """A duration, written as `charts.js` writes it: 0.084 → 84 ms, 3.21 → 3.2 s, 200 → 3.3 min."""
    if value >= 172_800:
        return f"{float(f'{value / 86400:.2g}'):g} d"
    if value >= 5400:
        return f"{float(f'{value / 3600:.2g}'):g} h"
    if value >= 90:
        return f"{float(f'{value / 60:.2g}'):g} min"
    return f"{float(f'{value:.2g}'):g} s" if value >= 1 or value == 0 else f"{float(f'{value * 1000:.2g}'):g} ms"


def every_text(span: timedelta) -> str:
    """timedelta(minutes=15) → 15 min."""
    seconds = round(span.total_seconds())
    for size, unit in ((86400, "d"), (3600, "h"), (60, "min")):
        if seconds % size == 0:
            return f"{seconds // size} {unit}"
    return f"{seconds} s"


def words(value: object) -> str:
    """`awaiting_approval` → awaiting approval."""
    return str(value).replace("_", " ")


def one_line(value: Any) -> str:
    """A document on one line, cut after 200 characters."""
    text = json.dumps(escape_hidden(_plain_value(value), keep_lines=True), ensure_ascii=False, default=str)
    return text if len(text) <= MAX_LINE_LENGTH else f"{text[:MAX_LINE_LENGTH]}…"


def span_text(span: timedelta | float) -> str:
    """A length of time in one or two units: 45 s, 3 min 20 s, 2 h 5 min, 4 d 3 h."""
    seconds = round(span.total_seconds() if isinstance(span, timedelta) else span)
    units = (("d", 86400), ("h", 3600), ("min", 60), ("s", 1))
    for (name, size), (smaller, part) in pairwise(units):
        if seconds >= size:
            rest = seconds % size // part
            return f"{seconds // size} {name} {rest} {smaller}" if rest else f"{seconds // size} {name}"
    return f"{seconds} s"


def diff_lines(before: Any, after: Any) -> list[tuple[str, str, str]]:
    """Two documents side by side: kind (`same`, `changed`, `added`, `removed`), line before, line after."""
    return _diff(pretty_json(before), pretty_json(after))


def diff_text_lines(before: str, after: str) -> list[tuple[str, str, str]]:
    """Same as `diff_lines`, for two texts."""
    return _diff(visible_lines(before), visible_lines(after))


def _diff(before: str, after: str) -> list[tuple[str, str, str]]:
    left, right = before.splitlines()[:MAX_LINES], after.splitlines()[:MAX_LINES]
    rows = []
    for tag, i1, i2, j1, j2 in _matcher(left, right).get_opcodes():
        for offset in range(max(i2 - i1, j2 - j1)):
            old = left[i1 + offset] if i1 + offset < i2 else None
            new = right[j1 + offset] if j1 + offset < j2 else None
            is_same = tag == "equal" or old == new
            kind = "same" if is_same else "added" if old is None else "removed" if new is None else "changed"
            rows.append((kind, old or "", new or ""))
    return rows


def _matcher(left: Sequence[str], right: Sequence[str]) -> "difflib.SequenceMatcher[str]":
    """Finds the equal lines of two texts. The time of a search grows with the number of pairs of equal lines. If the
    same lines occur very often, one page could block the process for a minute. Such lines are then matched only next to
    other equal lines."""
    times = Counter(right)
    is_hard = sum(times[line] for line in left) * min(len(left), len(right)) > MAX_COMPARISONS
    return difflib.SequenceMatcher((lambda line: times[line] > 1) if is_hard else None, left, right, autojunk=False)


def header_json(value: Any) -> str:
    """JSON for a header: plain ASCII on one line."""
    return json.dumps(value)
