"""Read rows into dataclasses. An unreadable column gets a default, and its name is added to `unreadable`. So the other
columns can still be shown."""

from collections.abc import Collection, Mapping
from dataclasses import fields
from datetime import UTC, datetime
from functools import cached_property
from typing import Any, Generic, TypeVar

from pydantic import TypeAdapter, ValidationError

from services.backends.rows.answers import Unreadable

T = TypeVar("T")
NEVER = datetime.min.replace(tzinfo=UTC)
"""The default of a required timestamp that cannot be read."""
_PROBLEMS = {
    "bool_parsing": "is neither true nor false",
    "bool_type": "is neither true nor false",
    "datetime_type": "is not text",
    "dict_type": "is not a JSON object",
    "int_type": "is not a whole number",
    "float_type": "is not a finite number",
    "mapping_type": "is not a JSON object",
    "string_type": "is not text",
    "tuple_type": "is not a list",
}
"""Error type of pydantic → the problem in words."""


def moment_or_never(value: object) -> datetime:
    """The timestamp in a row; NEVER if it cannot be read."""
    try:
        return datetime.fromisoformat(value)  # type: ignore[arg-type]  # another type raises TypeError
    except (TypeError, ValueError):
        return NEVER


class Reader(Generic[T]):
    """Reads rows into a dataclass and validates the types of its fields. Columns without a field are ignored."""

    def __init__(self, value_type: type[T], **defaults: object) -> None:
        """`defaults` has the value of each column that may be unreadable.

        A column without a default has a database type that guarantees a readable value.
        """
        self._value_type = value_type
        self._defaults = defaults

    @cached_property
    def _adapter(self) -> TypeAdapter[T]:
        return TypeAdapter(self._value_type)  # takes milliseconds, so it is created at the first use

    def read(self, row: Mapping[str, Any]) -> T:
        """The row as a dataclass. Its field `unreadable`, if it has one, names the unreadable columns and the reasons.

        Raises ValueError when a column without a default cannot be read.
        """
        return self.read_with_problems(row)[0]

    def read_with_problems(self, row: Mapping[str, Any]) -> tuple[T, str | None]:
        """The row as a dataclass, and the text for its field `unreadable` (None if every column can be read).

        Raises ValueError when a column without a default cannot be read.
        """
        if Unreadable not in map(type, row.values()):
            try:
                return self._adapter.validate_python(row), None
            except ValidationError:
                pass
        return self._read_by_column(row)

    def _read_by_column(self, row: Mapping[str, Any]) -> tuple[T, str | None]:
        names = [field.name for field in fields(self._value_type)]  # type: ignore[arg-type]  # T is always a dataclass
        problems = {n: v.reason for n, v in row.items() if isinstance(v, Unreadable) and n in names}
        try:
            self._adapter.validate_python({**row, **self._defaults_of(problems)})
        except ValidationError as exc:
            for error in exc.errors(include_url=False, include_context=False, include_input=False):
                problems.setdefault(str(error["loc"][0]), _PROBLEMS.get(error["type"], "cannot be read"))
        unreadable = "; ".join(f"{name} {problems[name]}" for name in names if name in problems) or None
        readable = {**row, **self._defaults_of(problems), "unreadable": unreadable}
        return self._adapter.validate_python(readable), unreadable

    def _defaults_of(self, names: Collection[str]) -> dict[str, Any]:
        if missing := set(names) - self._defaults.keys():
            raise ValueError(f"{self._value_type.__name__}: cannot read {', '.join(sorted(missing))}")
        return {name: self._defaults[name] for name in names}
