"""Validation errors in the words that people read."""

from datetime import timedelta
from typing import Annotated, Any
from uuid import UUID

import pytest
from pydantic import AwareDatetime, Field, TypeAdapter, ValidationError

from services.validation import plain_problem


@pytest.mark.parametrize(
    ("kind", "value", "problem"),
    [
        (Annotated[int, Field(ge=1)], 0, "must be at least 1"),
        (Annotated[int, Field(lt=5)], 5, "must be less than 5"),
        (Annotated[timedelta, Field(gt=timedelta(0))], -5, "must be greater than 0 seconds"),
        (Annotated[timedelta, Field(le=timedelta(seconds=90))], 91, "must be at most 1 minute and 30 seconds"),
        (UUID, "acme", "must be a UUID"),
        (UUID, 5, "must be a UUID"),
        (AwareDatetime, "2026-12-24T18:00:00", "has no time zone; write an offset, such as 2026-12-24T18:00:00+01:00"),
        (Annotated[str, Field(min_length=1)], "", "must have at least 1 character"),
        (bool, "maybe", "must be a valid boolean, unable to interpret input"),
    ],
)
def test_a_value_that_is_refused_is_told_of_in_plain_words(kind: Any, value: object, problem: str) -> None:
    with pytest.raises(ValidationError) as refused:
        TypeAdapter(kind).validate_python(value)
    [error] = refused.value.errors()
    assert plain_problem(error) == problem
