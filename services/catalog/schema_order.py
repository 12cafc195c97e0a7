"""Sort the sets in a JSON Schema, so that their order makes no difference. Pure."""

from collections.abc import Mapping
from typing import Any

from services.canonical import canonical_sha256

_SETS = frozenset({"required", "type", "enum"})
"""Lists that JSON Schema defines as sets. Others, such as `anyOf`, keep their order, which may matter."""
_SCHEMAS = frozenset(
    {
        "additionalItems", "additionalProperties", "allOf", "anyOf", "contains", "contentSchema", "else", "if", "items",
        "not", "oneOf", "prefixItems", "propertyNames", "then", "unevaluatedItems", "unevaluatedProperties",
    }
)  # fmt: skip
"""Keywords with a schema or a list of schemas."""
_NAMED_SCHEMAS = frozenset({"$defs", "definitions", "dependentSchemas", "patternProperties", "properties"})
"""Keywords with schemas by name."""
_MAX_DEPTH = 100


def sort_schema_sets(schema: Any, depth: int = 0) -> Any:
    """The schema with sorted `required`, `type` and `enum`: their order has no meaning.

    Data, such as a `default`, stays unchanged.
    """
    if isinstance(schema, list | tuple):
        return [sort_schema_sets(subschema, depth) for subschema in schema]
    if not isinstance(schema, Mapping) or depth > _MAX_DEPTH:
        return schema
    return {keyword: _sort_value(keyword, value, depth + 1) for keyword, value in schema.items()}


def _sort_value(keyword: str, value: Any, depth: int) -> Any:
    if keyword in _SETS and isinstance(value, list | tuple):
        return _sorted(value)
    if keyword in _SCHEMAS:
        return sort_schema_sets(value, depth)
    if keyword in _NAMED_SCHEMAS and isinstance(value, Mapping):
        return {name: sort_schema_sets(subschema, depth) for name, subschema in value.items()}
    if keyword == "dependentRequired" and isinstance(value, Mapping):
        return {name: _sorted(names) if isinstance(names, list | tuple) else names for name, names in value.items()}
    return value


def _sorted(values: Any) -> list[Any]:
    """The values, sorted: strings by value, and other values (an `enum` may have them) by digest."""
    return sorted(values, key=lambda value: value if isinstance(value, str) else canonical_sha256({"value": value}))
