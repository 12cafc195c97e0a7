"""Check the arguments of a call against the schema of its tool. Pure."""

import json
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from jsonschema import ValidationError

from services.catalog import Tool
from services.catalog.schema_limits import CostlySchema, find_violations
from services.json_rules import Problem


class NotApplicable(Exception):
    """The schema of a tool cannot be applied, or takes too long to apply. The message names the tool."""


def argument_problems(tool: Tool, arguments: Mapping[str, Any]) -> Iterator[Problem]:
    """The problems of the arguments by the tool's schema. The schema was checked when it was saved."""
    try:
        yield from find_problems(tool, arguments)
    except NotApplicable as exc:
        yield "tool_slug", str(exc)


def find_problems(tool: Tool, arguments: Mapping[str, Any], *, cpu_seconds: float | None = None) -> list[Problem]:
    """The problems of the arguments by the tool's schema.

    Raises NotApplicable if the schema is invalid, or if it takes longer than `cpu_seconds`.
    """
    try:
        violations = find_violations(tool.schema, _as_floats(arguments), cpu_seconds=cpu_seconds)
    except CostlySchema as exc:
        raise NotApplicable(f"the catalog's schema of {tool.tool_slug} takes too long to apply") from exc
    except Exception as exc:  # a schema that is invalid, or has an endless or unresolvable $ref, may raise any error
        raise NotApplicable(f"the catalog's schema of {tool.tool_slug} cannot be applied") from exc
    return [(f"arguments{_path(violation)}", _problem(violation)) for violation in violations]


def _path(violation: ValidationError) -> str:
    return "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in violation.absolute_path)


def _problem(violation: ValidationError) -> str:
    return _describe_violation(violation.validator, violation.validator_value, violation.message)


def _as_floats(value: Any) -> Any:
    """`value` with floats instead of Decimals, because `multipleOf` cannot test a Decimal."""
    if isinstance(value, Mapping):
        return {key: _as_floats(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_as_floats(inner) for inner in value]
    return float(value) if isinstance(value, Decimal) else value


def _describe_violation(rule: object, expected: object, message: str) -> str:
    """The problem in words, without the value, which may be a secret."""
    match rule:
        case "type":
            return f"must be of type {expected}"
        case "required" | "additionalProperties" | "dependentRequired":
            return message if len(message) <= 200 else f"breaks {rule}"
        case "enum" | "const" | "pattern" | "format" | "minimum" | "maximum" | "minLength" | "maxLength" | "minItems":
            return f"breaks {rule} {json.dumps(expected, default=str)[:120]}"
        case _:
            return f"breaks {rule} of the tool's schema"
