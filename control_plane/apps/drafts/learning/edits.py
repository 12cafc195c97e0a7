"""What a person changed in a draft: the operations that turn the draft into the final text, and the size of the change.

Positions count code points of the draft, not bytes or UTF-16 units.
"""

import json
import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from itertools import accumulate
from typing import Any, TypedDict

from rapidfuzz.distance import Levenshtein

from services.errors import InvalidInput

MAX_DOCUMENT = 65_536
"""Bytes of `diff_json` as PostgreSQL counts them."""
MAX_PAIRS = 1_000_000_000
"""Pairs of code points, or of lines, that may be compared: two texts of 31,000 code points, which takes 0.2 to 1 s."""
MIN_KEPT = 4
"""Changes with fewer unchanged code points, or lines, between them are one operation."""
_LINE_PATTERN = re.compile(r"[^\n]*\n|[^\n]+")
_SPACE_PATTERN = re.compile(r"\s+")


class Operation(TypedDict):
    """Replace the code points from `start` up to `end` of the draft by `text`. Either may be empty, not both."""

    start: int
    end: int
    text: str


class Edit(TypedDict):
    """The document in `diff_json`."""

    operations: list[Operation]
    """In the order of the draft, without overlap."""
    distance: int
    """Code points to insert, delete or replace, spaces aside; 0: accepted unedited."""
    length: int
    """Code points of the longer text, spaces aside: the greatest possible distance."""


def describe_edit(draft: str, final: str) -> Edit:
    """The edit from `draft` to `final`. Raises InvalidInput if it does not fit into a document of 64 KiB.

    Many small changes to a long text may exceed the document. They are then described as replacements of whole lines,
    or as one replacement.
    """
    shown_draft, shown_final = shown(draft), shown(final)
    distance, length = _distance(shown_draft, shown_final), max(len(shown_draft), len(shown_final))
    for operations in _operations(draft, final):
        edit = Edit(operations=operations, distance=distance, length=length)
        size = len(json.dumps(edit, ensure_ascii=False).encode("utf-8", "surrogatepass"))
        if size <= MAX_DOCUMENT:
            return edit
    raise InvalidInput("final_text", f"the edit takes {size} bytes; at most {MAX_DOCUMENT}")


def replay(draft: str, document: Mapping[str, Any]) -> str:
    """The final text: `draft` with the operations of `diff_json`. Raises InvalidInput if they do not fit the draft."""
    parts: list[str] = []
    at = 0
    for operation in document["operations"]:
        start, end = operation["start"], operation["end"]
        if not at <= start <= end <= len(draft):
            raise InvalidInput("diff_json.operations", f"no code points {start} to {end} after {at} in this draft")
        parts += (draft[at:start], operation["text"])
        at = end
    return "".join((*parts, draft[at:]))


def shown(text: str) -> str:
    """The text for comparisons: composed characters, and a single space for all white space.

    Mail programs wrap lines and change line ends, so a difference in white space is no edit.
    """
    return _SPACE_PATTERN.sub(" ", unicodedata.normalize("NFC", text)).strip()


def is_unedited(draft: str, final: str) -> bool:
    """Whether the final text equals the draft, apart from white space."""
    return shown(draft) == shown(final)


def _operations(draft: str, final: str) -> Iterator[list[Operation]]:
    """The same edit in three forms: operations on code points, operations on whole lines, and at most one operation."""
    start, draft_end, final_end = _changed_part(draft, final)
    before, after = draft[start:draft_end], final[start:final_end]
    for units in (str, _LINE_PATTERN.findall):
        old, new = units(before), units(after)
        if len(old) * len(new) <= MAX_PAIRS:
            old_at, new_at = _offsets(old), _offsets(new)
            yield [
                Operation(
                    start=start + old_at[src_start],
                    end=start + old_at[src_end],
                    text=after[new_at[dest_start] : new_at[dest_end]],
                )
                for src_start, src_end, dest_start, dest_end in _changes(old, new)
            ]
    yield [Operation(start=start, end=draft_end, text=after)]


def _changed_part(draft: str, final: str) -> tuple[int, int, int]:
    """Where the texts begin to differ, and where the differing parts of the draft and of the final text end."""
    shorter = min(len(draft), len(final))
    start = _common_prefix(draft, final, shorter)
    common_end = _common_prefix(draft[::-1], final[::-1], shorter - start)
    return start, len(draft) - common_end, len(final) - common_end


def _common_prefix(one: str, other: str, at_most: int) -> int:
    low, high = 0, at_most
    while low < high:  # string comparison is faster than a loop over characters
        middle = (low + high + 1) // 2
        if one[low:middle] == other[low:middle]:
            low = middle
        else:
            high = middle - 1
    return low


def _offsets(units: Sequence[str]) -> list[int]:
    return [0, *accumulate(map(len, units))]


def _changes(old: Sequence[str], new: Sequence[str]) -> list[tuple[int, int, int, int]]:
    """The differing ranges: start and end in `old`, start and end in `new`. Changes close to each other are one
    range."""
    changes: list[tuple[int, int, int, int]] = []
    for code in Levenshtein.opcodes(old, new):
        if code.tag == "equal":
            continue
        if changes and code.src_start - changes[-1][1] < MIN_KEPT:
            changes[-1] = (changes[-1][0], code.src_end, changes[-1][2], code.dest_end)
        else:
            changes.append((code.src_start, code.src_end, code.dest_start, code.dest_end))
    return changes


def _distance(before: str, after: str) -> int:
    start, before_end, after_end = _changed_part(before, after)
    before, after = before[start:before_end], after[start:after_end]
    if len(before) * len(after) <= MAX_PAIRS:
        return Levenshtein.distance(before, after)
    return max(len(before), len(after))  # an upper bound
