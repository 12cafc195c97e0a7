"""A value as the row that is written of it."""

from dataclasses import fields
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from _typeshed import DataclassInstance


def as_row(value: "DataclassInstance") -> dict[str, Any]:
    """Its fields by name. Documents in it are the same objects: copying them would take any depth for granted."""
    return {field.name: getattr(value, field.name) for field in fields(value)}
