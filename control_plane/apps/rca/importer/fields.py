"""Read the fields of an item. A field may have several names; a value of another type rejects the item."""

import json
from collections.abc import Iterable
from typing import Any

from control_plane.apps.rca.importer.documents import Object, member, members
from control_plane.apps.rca.importer.items import Item, Rejected

MAX_KEY = 255


class Fields:
    """The fields of an object."""

    def __init__(self, path: str, value: Any) -> None:
        if not isinstance(value, Object):
            raise Rejected(path, "must be an object")
        if value.repeated:
            raise Rejected(member(path, value.repeated[0][0]), "the key occurs twice in one item; remove one")
        self.path, self.value = path, value
        self._read: set[str] = set()

    def raw(self, *names: str) -> Any:
        """The first of these fields that is there and not null, as it is; None if there is none."""
        return self._find(names)[1]

    def text(self, *names: str) -> str | None:
        """A text. Numbers become text."""
        name, value = self._find(names)
        if value is None or isinstance(value, str):
            return value
        if isinstance(value, int | float) and not isinstance(value, bool):
            return json.dumps(value)
        raise Rejected(member(self.path, name), "must be a text")

    def key(self, *names: str) -> str | None:
        """A text that names something: 1 to 255 characters."""
        text = self.text(*names)
        if text is not None and not 1 <= len(text) <= MAX_KEY:
            raise Rejected(member(self.path, self._find(names)[0]), f"must have 1 to {MAX_KEY} characters")
        return text

    def needed_key(self, *names: str) -> str:
        """As `key`, but it must be there."""
        text = self.key(*names)
        if text is None:
            raise Rejected(self.path, f"has no {' or '.join(names)}; add it")
        return text

    def many(self, *names: str) -> list[Any] | None:
        """A list. A single text becomes a list with this text."""
        name, value = self._find(names)
        if value is None or isinstance(value, list):
            return value
        if isinstance(value, str):
            return [value]
        raise Rejected(member(self.path, name), "must be a list")

    def integer(self, *names: str) -> int | None:
        """A whole number that fits into 32 bits."""
        name, value = self._find(names)
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, int) or not -(2**31) <= value < 2**31:
            raise Rejected(member(self.path, name), "must be a whole number of at most 10 digits")
        return value

    def inner(self, *names: str) -> "Fields":
        """The fields of an object inside this one; empty if it is not there."""
        name, value = self._find(names)
        return Fields(member(self.path, name), Object() if value is None else value)

    def others(self, *known: str) -> dict[str, Any] | None:
        """The fields that were not read, and are not among the known ones."""
        return {key: value for key, value in self.value.items() if key not in self._read and key not in known} or None

    def _find(self, names: Iterable[str]) -> tuple[str, Any]:
        names = list(names)
        self._read.update(names)
        return next(((name, self.value[name]) for name in names if self.value.get(name) is not None), (names[0], None))


def fields_of(item: Item, *, text_as: str | None = None, list_as: str | None = None, name_as: str = "id") -> Fields:
    """The fields of an item. `text_as` and `list_as`: the field that an item is that is only a text or a list.
    `name_as`: the field that has the name of an item whose name is its key."""
    value = item.value
    short = text_as if isinstance(value, str) else list_as if isinstance(value, list) else None
    if short is not None:
        value = Object()
        value[short] = item.value
    if item.name is not None and isinstance(value, Object) and name_as not in value:
        named = Object()
        named[name_as] = item.name
        named.update(value)
        named.repeated = value.repeated
        value = named
    return Fields(item.path, value)


def join_keys(fields: Fields, *names: str) -> list[dict[str, str]] | None:
    """The keys of a join, as a list of {left, right}. The file has {left: right}, a list of {left, right}, a list of
    names that are the same on both sides, or a text such as `a to b`."""
    value = fields.raw(*names)
    path = member(fields.path, next((name for name in names if fields.value.get(name) is not None), names[0]))
    if value is None:
        return None
    if isinstance(value, Object) and not {"left", "right"} <= set(value):
        return [_pair(place, left, right) for left, place, right in members(path, value)]
    if not isinstance(value, list):
        value = [value]
    return [_read_pair(f"{path}[{at}]", each) for at, each in enumerate(value)]


def _read_pair(path: str, value: Any) -> dict[str, str]:
    if isinstance(value, str):
        left, _, right = value.partition(" to ")
        return _pair(path, left.strip(), (right or left).strip())
    fields = Fields(path, value)
    return _pair(path, fields.raw("left", "left_column", "from"), fields.raw("right", "right_column", "to"))


def _pair(path: str, left: Any, right: Any) -> dict[str, str]:
    if not isinstance(left, str) or not isinstance(right, str):
        raise Rejected(path, "must name a column on the left and one on the right")
    return {"left": left, "right": right}
