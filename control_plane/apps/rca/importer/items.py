"""Find the items of a file, whichever of the known shapes it has."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from control_plane.apps.rca.importer.documents import Document, Object, members
from control_plane.apps.rca.values import Place


class Rejected(Exception):
    """An item cannot be stored."""

    def __init__(self, path: str, problem: str) -> None:
        super().__init__(f"{path}: {problem}")
        self.path, self.problem = path, problem


@dataclass(frozen=True, slots=True)
class Item:
    """One item of a file, such as a table."""

    file: str
    path: str
    value: Any
    type: str
    name: str | None = None
    """Its key, if the items are the members of an object."""


def find_items(
    document: Document, sections: Mapping[str, str], rejected: list[Place], *, is_typed: bool = False
) -> Iterator[Item]:
    """The items of a file: a list, or an object whose members `sections` are lists or objects of items.

    `sections` maps the name of a member to the type of its items. An item of a list may have its type in its own member
    `type`, else it has the first type. `is_typed`: no other word may be there. Parts that are not items are added to
    `rejected`, or to the notes of the document.
    """
    types = list(dict.fromkeys(sections.values()))
    if isinstance(document.value, list):
        for at, value in enumerate(document.value):
            kind = _own_type(value, types)
            if kind is None and is_typed and isinstance(value, dict) and "type" in value:
                text = f"type: must be {' or '.join(types)}"
                rejected.append(Place(file=document.file, path=f"$[{at}]", text=text))
                continue
            yield Item(document.file, f"$[{at}]", value, kind or types[0])
        return
    if not isinstance(document.value, Object):
        text = f"must be a list, or an object with {' or '.join(sections)}"
        rejected.append(Place(file=document.file, path="$", text=text))
        return
    for key, path, part in members("$", document.value):
        if key in sections:
            if isinstance(part, list | Object):
                yield from _items_of(document.file, path, part, sections[key], types)
            elif part is not None:
                rejected.append(Place(file=document.file, path=path, text="must be a list or an object"))
        else:
            text = f"was kept, but not read: this file has {' or '.join(sections)}"
            document.notes.append(Place(file=document.file, path=path, text=text))


def _items_of(file: str, path: str, part: list[Any] | Object, kind: str, types: list[str]) -> Iterator[Item]:
    if isinstance(part, list):
        for at, value in enumerate(part):
            yield Item(file, f"{path}[{at}]", value, _own_type(value, types) or kind)
    else:
        for name, place, value in members(path, part):
            yield Item(file, place, value, kind, name)


def _own_type(value: Any, types: list[str]) -> str | None:
    named = value.get("type") if isinstance(value, dict) else None
    return named if isinstance(named, str) and len(types) > 1 and named in types else None
