"""Query parameters of a filter form: an empty field is no condition."""

from typing import Annotated, TypeVar

from pydantic import BeforeValidator
from pydantic_core import PydanticUseDefault

T = TypeVar("T")


def _use_default_if_empty(value: object) -> object:
    if value == "":
        raise PydanticUseDefault  # a None would be checked against the maximum length and fail
    return value


Chosen = Annotated[T | None, BeforeValidator(_use_default_if_empty)]
"""The chosen value; the default for an empty field."""
