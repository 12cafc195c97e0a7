"""Models of documents that people write, with errors that name the path and the remedy."""

import difflib
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Self, TypeVar

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Discriminator,
    Tag,
    TypeAdapter,
    ValidationError,
    WrapValidator,
    model_validator,
)
from pydantic_core import ErrorDetails, InitErrorDetails, PydanticCustomError

from services.errors import InvalidInput

T = TypeVar("T")
_TAG = "\0"
"""The first character of FIRST and SECOND, which pydantic adds to the paths of errors. It never occurs in JSON from the
database, so we can recognize these tags and leave them out."""
FIRST, SECOND = Tag(f"{_TAG}first"), Tag(f"{_TAG}second")
"""Tags of the two shapes that a value may have."""


class Document(BaseModel):
    """A JSON object with known fields only. A missing required field is validated as null."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)

    @model_validator(mode="wrap")
    @classmethod
    def _with_known_fields(cls, raw: object, validate: Callable[[object], Self]) -> Self:
        if not isinstance(raw, Mapping):
            return validate(raw)
        unknown = [key for key in raw if key not in cls.model_fields]
        missing = {name: None for name, field in cls.model_fields.items() if field.is_required()}
        known = missing | {key: value for key, value in raw.items() if key in cls.model_fields}
        if not unknown:
            return validate(known)
        problem = f"is not known; remove it or use {', '.join(cls.model_fields)}"
        errors = [InitErrorDetails(type=rule_error(problem, at=[shorten(key)]), input=None) for key in unknown]
        try:
            validate(known)
        except ValidationError as exc:
            errors += [
                InitErrorDetails(
                    type=rule_error(error["msg"], at=error.get("ctx", {}).get("at", ())), loc=error["loc"], input=None
                )
                for error in exc.errors(include_url=False)
            ]
        raise ValidationError.from_exception_data(cls.__name__, errors)


def with_problem(problem: str | Callable[[Any], str]) -> WrapValidator:
    """Replace pydantic's message by `problem` for every value that the type refuses."""

    def validate_or_explain(value: Any, validate: Callable[[Any], Any]) -> Any:
        try:
            return validate(value)
        except ValidationError:
            raise rule_error(problem if isinstance(problem, str) else problem(value)) from None

    return WrapValidator(validate_or_explain)


def require_object(example: str) -> BeforeValidator:
    """Refuse a value that is not an object. The message shows an example. Problems of the object's fields have their
    own messages."""

    def refuse_other_types(value: Any) -> Any:
        if isinstance(value, Mapping):
            return value
        raise rule_error(f"must be an object such as {example}")

    return BeforeValidator(refuse_other_types)


def require_list(
    example: str, *, at_most: int | None = None, of: str = "entries", if_empty: str | None = None
) -> BeforeValidator:
    """Refuse a value that is not a list, and a list with more than `at_most` entries. An empty list is refused with the
    message `if_empty`."""

    def refuse_other_lists(value: Any) -> Any:
        if not isinstance(value, list | tuple):
            raise rule_error(f"must be a list such as {example}")
        if at_most is not None and len(value) > at_most:
            raise rule_error(f"has {len(value)} {of}; write at most {at_most}")
        if if_empty is not None and not value:
            raise rule_error(if_empty)
        return list(value)

    return BeforeValidator(refuse_other_lists)


def rule_error(problem: str, *, at: Sequence[str] = ()) -> PydanticCustomError:
    """The error for a broken rule; `at` is the path from the validated value to the field."""
    return PydanticCustomError("broken", "{problem}", {"problem": problem, "at": list(at)})


def by_shape(is_first: Callable[[Any], bool]) -> Discriminator:
    """For a type with two shapes, tagged FIRST and SECOND: `is_first` says whether a value has the first shape. Only
    problems of the value's own shape are reported."""
    return Discriminator(lambda value: FIRST.tag if is_first(value) else SECOND.tag)


def read(kind: TypeAdapter[T], raw: object, *path: str) -> T:
    """Read `raw` as the adapter's type. Raises InvalidInput with every problem; each path begins with `path`."""
    try:
        return kind.validate_python(raw)
    except ValidationError as exc:
        (field, problem), *others = [_problem(error, path) for error in exc.errors(include_url=False)]
    raise InvalidInput(field, problem, *others)


def _problem(error: ErrorDetails, path: Sequence[str]) -> tuple[str, str]:
    context = error.get("ctx", {})
    parts = [*path, *error["loc"], *context.get("at", ())]
    full_path = "".join(
        f"[{part}]" if isinstance(part, int) else f".{shorten(part)}"
        for part in parts
        if isinstance(part, int) or (part != "[key]" and not part.startswith(_TAG))
    )
    return full_path.removeprefix("."), error["msg"]


def suggestion(word: str, words: Iterable[str]) -> str:
    """The text ` (did you mean …?)` with up to three of `words` that resemble `word`; empty if none does."""
    by_lower_case = {known.casefold(): known for known in words}
    close = difflib.get_close_matches(word.casefold(), by_lower_case, n=3)
    return f" (did you mean {' or '.join(by_lower_case[match] for match in close)}?)" if close else ""


def shorten(value: object) -> str:
    """A key or name, shortened to 40 characters."""
    text = value if isinstance(value, str) and value.isprintable() else repr(value)
    return text if len(text) <= 40 else f"{text[:39]}…"
