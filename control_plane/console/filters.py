"""Query parameters of a filter form: an empty field is no condition."""

from typing import Annotated, TypeVar

from pydantic import BeforeValidator

T = TypeVar("T")
Chosen = Annotated[T | None, BeforeValidator(lambda value: value or None)]
"""The chosen value; None for an empty field."""
