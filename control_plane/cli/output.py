"""Print the result of a command: as JSON for programs, or as lines for people."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, is_dataclass
from typing import Any

from services.process.terminal import printable


def as_document(value: Any) -> Any:
    """The value as plain JSON data. Dataclasses become objects."""
    if is_dataclass(value) and not isinstance(value, type):
        return as_document(asdict(value))
    if isinstance(value, Mapping):
        return {str(key): as_document(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [as_document(inner) for inner in value]
    return value if isinstance(value, str | int | float | bool | None) else str(value)


def show_json(value: Any) -> None:
    """Print the value to stdout as one JSON document."""
    print(json.dumps(as_document(value)))


def show_lines(rows: Iterable[Sequence[object]], *, empty: str) -> None:
    """Print a line per row, in aligned columns, or `empty` if there are no rows.

    A cell that is a tuple holds notes: each is printed below the row, on an indented line. Nothing is shortened, so ids
    can be copied.
    """
    table = [
        (
            [printable(str(cell)) for cell in row if not isinstance(cell, tuple)],
            [printable(str(note)) for cell in row if isinstance(cell, tuple) for note in cell if note],
        )
        for row in rows
    ]
    if not table:
        print(empty)
        return
    widths = [max(map(len, column)) for column in zip(*(cells for cells, _ in table), strict=True)]
    for cells, notes in table:
        print("  ".join(cell.ljust(width) for cell, width in zip(cells, widths, strict=True)).rstrip())
        for note in notes:
            print(f"    {note}")
