"""Check the arguments of a call against the schema of its tool. Pure."""

import json
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from services.catalog import Tool
from services.catalog.schema_limits import CostlySchema, find_violations
from services.json_rules import Problem


def argument_problems(tool: Tool, arguments: Mapping[str, Any]) -> Iterator[Problem]:
    """Where the arguments break the tool's schema, which was checked itself when it came into the catalog."""
    try:
        violations = find_violations(tool.schema, _as_floats(arguments))
    except CostlySchema:
        yield "tool_slug", f"the catalog's schema of {tool.tool_slug} takes too long to apply"
        return
    except Exception:  # an invalid schema, or an unresolvable or endless $ref, may raise any error
        yield "tool_slug", f"the catalog's schema of {tool.tool_slug} cannot be applied"
        return
    for deepest in violations:
        path = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in deepest.absolute_path)
        yield f"arguments{path}", _describe_violation(deepest.validator, deepest.validator_value, deepest.message)


def _as_floats(value: Any) -> Any:
    """`value` with floats instead of Decimals, because `multipleOf` fails on Decimals, which are refused elsewhere."""
    if isinstance(value, Mapping):
        return {key: _as_floats(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_as_floats(inner) for inner in value]
    return float(value) if isinstance(value, Decimal) else value


def _describe_violation(rule: object, expected: object, message: str) -> str:
    """The schema's problem without the value, which may be a secret."""
    match rule:
        case "type":
            return f"must be of type {expected}"
        case "required" | "additionalProperties" | "dependentRequired":
            return message if len(message) <= 200 else f"breaks {rule}"
        case "enum" | "const" | "pattern" | "format" | "minimum" | "maximum" | "minLength" | "maxLength" | "minItems":
            return f"breaks {rule} {json.dumps(expected, default=str)[:120]}"
        case _:
            return f"breaks {rule} of the tool's schema"
