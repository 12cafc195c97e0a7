"""One row, column by column: what cannot be read is left at a default and named, so that the rest can be shown."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, TypeVar

from services.backends.rows.answers import Unreadable

E = TypeVar("E", bound=StrEnum)
T = TypeVar("T")
NEVER = datetime.min.replace(tzinfo=UTC)
"""In place of a moment that cannot be read and may not be missing."""


class Columns:
    """Reads the columns of a row; `unreadable` says afterwards what was wrong with them."""

    def __init__(self, row: Mapping[str, Any]) -> None:
        self._row = row
        self._problems: list[str] = []

    @property
    def unreadable(self) -> str | None:
        """Which columns could not be read, and why; None when all could."""
        return "; ".join(self._problems) or None

    def text(self, name: str) -> str:
        """Text; empty where it cannot be read."""
        return self._read(name, _text, "")

    def text_or_none(self, name: str) -> str | None:
        """Text, or null."""
        return self._read(name, lambda value: None if value is None else _text(value), None)

    def document(self, name: str) -> Mapping[str, Any]:
        """A JSON object."""
        return self._read(name, _document, {})

    def document_or_none(self, name: str) -> Mapping[str, Any] | None:
        """A JSON object, or null."""
        return self._read(name, lambda value: None if value is None else _document(value), None)

    def documents(self, name: str) -> tuple[Mapping[str, Any], ...]:
        """A list of JSON objects."""
        return self._read(name, lambda value: tuple(map(_document, _list(value))), ())

    def texts(self, name: str) -> tuple[str, ...]:
        """A list of names."""
        return self._read(name, lambda value: tuple(map(_text, _list(value))), ())

    def number(self, name: str, default: float) -> float:
        """A number."""
        return self._read(name, _number, default)

    def whole_or_none(self, name: str) -> int | None:
        """A whole number, or null."""
        return self._read(name, lambda value: None if value is None else _whole(value), None)

    def flag(self, name: str, default: bool) -> bool:
        """`default` counts where it cannot be read."""
        return self._read(name, _flag, default)

    def moment(self, name: str) -> datetime:
        """A moment."""
        return self._read(name, _moment, NEVER)

    def moment_or_none(self, name: str, default: datetime | None = None) -> datetime | None:
        """`default` counts where it cannot be read."""
        return self._read(name, lambda value: None if value is None else _moment(value), default)

    def member(self, name: str, of: type[E], default: E) -> E:
        """One of an enum's values."""
        return self._read(name, of, default)

    def anything(self, name: str) -> Any:
        """Any JSON value, or null."""
        return self._read(name, _anything, None)

    def _read(self, name: str, read: Callable[[Any], T], default: T) -> T:
        value = self._row.get(name)
        try:
            return read(value)
        except (TypeError, ValueError) as exc:
            why = value.why if isinstance(value, Unreadable) else _why(exc)
            self._problems.append(f"{name} {why}")
            return default


def _why(exc: Exception) -> str:
    return str(exc) if isinstance(exc, _Mistyped) else "cannot be read"


class _Mistyped(TypeError):
    """The value is of another type; its text says which was expected."""


def _text(value: Any) -> str:
    if isinstance(value, str):
        return value
    raise _Mistyped("is no text")


def _document(value: Any) -> Mapping[str, Any]:
    if isinstance(value, dict):
        return value
    raise _Mistyped("is no JSON object")


def _list(value: Any) -> list[Any]:
    if isinstance(value, list | tuple):
        return list(value)
    raise _Mistyped("is no list")


def _number(value: Any) -> float:
    if isinstance(value, int | float) and not isinstance(value, bool):
        return value
    raise _Mistyped("is no finite number")


def _whole(value: Any) -> int:
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    raise _Mistyped("is no whole number")


def _flag(value: Any) -> bool:
    if isinstance(value, bool):
        return value
    raise _Mistyped("is neither true nor false")


def _moment(value: Any) -> datetime:
    return datetime.fromisoformat(_text(value))


def _anything(value: Any) -> Any:
    if isinstance(value, Unreadable):
        raise _Mistyped(value.why)
    return value
