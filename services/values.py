"""The decorator for the value classes of which a worker makes many: several for each envelope."""

from dataclasses import dataclass, field
from typing import TypeVar, dataclass_transform

T = TypeVar("T")


@dataclass_transform(frozen_default=True, kw_only_default=True, field_specifiers=(field,))
def value(cls: type[T]) -> type[T]:
    """Same as `dataclass(frozen=True, slots=True, kw_only=True)`, but at run time a field can be changed. Only mypy
    refuses that.

    Python sets each field of a frozen dataclass by a function call, so setting the many fields of an envelope takes
    four times as long. That took a twentieth of a worker's time.
    """
    return dataclass(slots=True, kw_only=True, unsafe_hash=True)(cls)
