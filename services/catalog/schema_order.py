"""JSON Schemas whose lists differ only in an order that means nothing, brought into one form. Pure."""

from collections.abc import Mapping
from typing import Any

from services.canonical import canonical_sha256

_SETS = frozenset({"required", "type", "enum"})
"""Lists of which JSON Schema says that they are sets. The order of `anyOf`, `examples` and the like is left: who reads
them goes from the first to the last."""
_SCHEMAS = frozenset(
    {
        "additionalItems", "additionalProperties", "allOf", "anyOf", "contains", "contentSchema", "else", "if", "items",
        "not", "oneOf", "prefixItems", "propertyNames", "then", "unevaluatedItems", "unevaluatedProperties",
    }
)  # fmt: skip
"""Words that hold a schema, or a list of them."""
_NAMED_SCHEMAS = frozenset({"$defs", "definitions", "dependentSchemas", "patternProperties", "properties"})
"""Words that hold schemas by name."""
_DEEPEST = 100


def sort_schema_sets(schema: Any, depth: int = 0) -> Any:
    """The same schema with its sets sorted. What is data, such as a `default`, is left as it is."""
    if isinstance(schema, list | tuple):
        return [sort_schema_sets(each, depth) for each in schema]
    if not isinstance(schema, Mapping) or depth > _DEEPEST:
        return schema
    return {word: _value(word, value, depth + 1) for word, value in schema.items()}


def _value(word: str, value: Any, depth: int) -> Any:
    if word in _SETS and isinstance(value, list | tuple):
        return _sorted(value)
    if word in _SCHEMAS:
        return sort_schema_sets(value, depth)
    if word in _NAMED_SCHEMAS and isinstance(value, Mapping):
        return {name: sort_schema_sets(each, depth) for name, each in value.items()}
    if word == "dependentRequired" and isinstance(value, Mapping):
        return {name: _sorted(each) if isinstance(each, list | tuple) else each for name, each in value.items()}
    return value


def _sorted(values: Any) -> list[Any]:
    """Texts by themselves; members of an `enum` may be of any kind."""
    return sorted(values, key=lambda value: value if isinstance(value, str) else canonical_sha256({"value": value}))
