"""Convert value types to JSON rows."""

from dataclasses import fields
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from _typeshed import DataclassInstance


def as_row(value: "DataclassInstance") -> dict[str, Any]:
    """The fields of a dataclass by name. Unlike `asdict` this copies no documents, which may be nested too deeply."""
    return {field.name: getattr(value, field.name) for field in fields(value)}
