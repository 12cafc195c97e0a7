"""Rows as values: a column that cannot be read is left at a default and named, so that the rest can be shown."""

from collections.abc import Mapping
from dataclasses import fields
from datetime import UTC, datetime
from functools import cached_property
from typing import Any, Generic, TypeVar

from pydantic import TypeAdapter, ValidationError

from services.backends.rows.answers import Unreadable

T = TypeVar("T")
NEVER = datetime.min.replace(tzinfo=UTC)
"""In place of a moment that cannot be read and may not be missing."""
_EXPECTED = {
    "bool_parsing": "is neither true nor false",
    "bool_type": "is neither true nor false",
    "datetime_type": "is no text",
    "dict_type": "is no JSON object",
    "int_type": "is no whole number",
    "float_type": "is no finite number",
    "mapping_type": "is no JSON object",
    "string_type": "is no text",
    "tuple_type": "is no list",
}
"""By pydantic's name for what is wrong."""


def moment(value: object) -> datetime:
    """A moment of a row; NEVER where it cannot be read."""
    try:
        return datetime.fromisoformat(value)  # type: ignore[arg-type]  # a TypeError is no moment either
    except (TypeError, ValueError):
        return NEVER


class Reader(Generic[T]):
    """Makes values of a dataclass from rows, by its fields' types; columns without a field are left out."""

    def __init__(self, of: type[T], **defaults: object) -> None:
        """`defaults`: what counts where a column cannot be read. Of the other columns the database keeps the type."""
        self._of = of
        self._defaults = defaults

    @cached_property
    def _adapter(self) -> TypeAdapter[T]:
        return TypeAdapter(self._of)  # takes milliseconds, so not before it is needed

    def read(self, row: Mapping[str, Any]) -> T:
        """Where the dataclass has a field `unreadable`, that says which columns could not be read, and why."""
        return self.read_telling(row)[0]

    def read_telling(self, row: Mapping[str, Any]) -> tuple[T, str | None]:
        """The value, and which columns could not be read, and why. Raises ValueError for one that has no default."""
        if Unreadable not in map(type, row.values()):
            try:
                return self._adapter.validate_python(row), None
            except ValidationError:
                pass
        return self._by_column(row)

    def _by_column(self, row: Mapping[str, Any]) -> tuple[T, str | None]:
        names = [field.name for field in fields(self._of)]  # type: ignore[arg-type]  # mypy cannot bound T by dataclass
        spoilt = {n: v.why for n, v in row.items() if isinstance(v, Unreadable) and n in names}
        try:
            self._adapter.validate_python({**row, **self._in_place_of(spoilt)})
        except ValidationError as exc:
            for error in exc.errors(include_url=False, include_context=False, include_input=False):
                spoilt.setdefault(str(error["loc"][0]), _EXPECTED.get(error["type"], "cannot be read"))
        told = "; ".join(f"{name} {spoilt[name]}" for name in names if name in spoilt) or None
        readable = {**row, **self._in_place_of(spoilt), "unreadable": told}
        return self._adapter.validate_python(readable), told

    def _in_place_of(self, spoilt: Mapping[str, str]) -> dict[str, Any]:
        if without := spoilt.keys() - self._defaults.keys():
            raise ValueError(f"{self._of.__name__}: cannot read {', '.join(sorted(without))}")
        return {name: self._defaults[name] for name in spoilt}
