"""Read the arguments of an MCP tool, which nobody has checked."""

from collections.abc import Mapping
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from services.errors import InvalidInput
from services.validation import plain_problem

M = TypeVar("M", bound=BaseModel)


def read_arguments(model: type[M], arguments: Mapping[str, Any]) -> M:
    """The arguments in this form. Raises InvalidInput with the path of each wrong one."""
    try:
        return model.model_validate(dict(arguments))
    except ValidationError as exc:
        errors = exc.errors(include_url=False, include_input=False)
        first, *others = [(".".join(map(str, error["loc"])) or "arguments", plain_problem(error)) for error in errors]
        raise InvalidInput(*first, *others) from exc
