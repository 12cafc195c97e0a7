"""What commands share: how they read JSON, reach the services, and answer eyes and scripts."""

import json
from collections.abc import Iterable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import asdict, is_dataclass
from typing import Any

from control_plane.settings import read_settings
from services.backends import Backends
from services.backends.open import open_backends
from services.envelope import Actor, ActorType, Door
from services.errors import InvalidInput
from services.json_rules import exact_number
from services.process.terminal import printable


def backends() -> AbstractAsyncContextManager[Backends]:
    """The services these settings choose."""
    return open_backends(read_settings().chosen_database())


def operator(name: str) -> Actor:
    """Whoever types commands, by the name they give."""
    return Actor(type=ActorType.OPERATOR, id=name, door=Door.CLI)


def as_document(value: Any) -> Any:
    """A dataclass, or several, as plain JSON data."""
    if is_dataclass(value) and not isinstance(value, type):
        return as_document(asdict(value))
    if isinstance(value, Mapping):
        return {str(key): as_document(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [as_document(inner) for inner in value]
    return value if isinstance(value, str | int | float | bool | None) else str(value)


def show_json(value: Any) -> None:
    """One JSON document on stdout."""
    print(json.dumps(as_document(value)))


def show_lines(rows: Iterable[Sequence[object]], *, empty: str) -> None:
    """One line per row, and an indented one for each text of a cell that is a tuple; `empty` when there is no row.

    Columns line up and ids are never cut, so lines can be read, grepped and copied from.
    """
    drawn = [
        (
            [printable(str(cell)) for cell in row if not isinstance(cell, tuple)],
            [printable(str(note)) for cell in row if isinstance(cell, tuple) for note in cell if note],
        )
        for row in rows
    ]
    if not drawn:
        print(empty)
        return
    widths = [max(map(len, column)) for column in zip(*(cells for cells, _ in drawn), strict=True)]
    for cells, notes in drawn:
        print("  ".join(cell.ljust(width) for cell, width in zip(cells, widths, strict=True)).rstrip())
        for note in notes:
            print(f"    {note}")


def parse(text: str) -> dict[str, Any]:
    """A JSON object, strictly: no key twice, no NaN, and no digit lost. Raises InvalidInput that names the place.

    A number that a float would change stays a Decimal.
    """

    def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for key, value in pairs:
            if key in found:
                raise InvalidInput(key, "stands twice in the same object; keep one")
            found[key] = value
        return found

    def refuse(name: str) -> None:
        raise InvalidInput("JSON", f"holds {name}, which is not JSON")

    try:
        document = json.loads(text, object_pairs_hook=once, parse_constant=refuse, parse_float=exact_number)
    except json.JSONDecodeError as exc:
        raise InvalidInput("JSON", f"is not JSON: {exc.msg} at column {exc.colno}") from exc
    except (RecursionError, ValueError) as exc:
        raise InvalidInput("JSON", "is nested too deep or holds a number too long to read") from exc
    if not isinstance(document, dict):
        raise InvalidInput("JSON", "must be a JSON object")
    return document
