"""Check arguments that a person wrote instead of the proposed ones, by the same rules."""

from collections.abc import Mapping
from typing import Any

from services.catalog import Tool
from services.catalog.arguments import argument_problems
from services.errors import InvalidInput
from services.request import document_problems

MAX_PROBLEMS = 20
"""A refusal names at most this many problems."""


def check_arguments(tool: Tool, arguments: Mapping[str, Any]) -> None:
    """Raise InvalidInput if the arguments cannot be stored unchanged, or break the tool's schema."""
    problems = list(document_problems("arguments", arguments)) or list(argument_problems(tool, arguments))
    if problems:
        raise InvalidInput(*problems[0], *problems[1:MAX_PROBLEMS])
