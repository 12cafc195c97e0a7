"""The decorator of values that are made for every envelope."""

from dataclasses import dataclass, field
from typing import TypeVar, dataclass_transform

T = TypeVar("T")


@dataclass_transform(frozen_default=True, kw_only_default=True, field_specifiers=(field,))
def value(cls: type[T]) -> type[T]:
    """Same as `dataclass(frozen=True, slots=True, kw_only=True)`, but only mypy refuses to change a field.

    Python sets each field of a frozen dataclass by a call. That makes the many fields of an envelope four times slower
    to set, which was a twentieth of a worker's time.
    """
    return dataclass(slots=True, kw_only=True, unsafe_hash=True)(cls)
