"""Take out of a document what its schema calls secret. Pure.

A JSON Schema says so of a property by `"format": "password"`, `"writeOnly": true` or `"x-redact": true`, also below
`$ref` (within the schema), `allOf`, `anyOf` and `oneOf`, in items and additional properties. Where a schema has none,
JSON pointers do, in which `*` stands for every item and every key.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

REDACTED = "[redacted]"
DEEPEST = 100
"""Schemas may refer to themselves; documents of ours are no deeper."""


def redacted(document: Any, schema: Mapping[str, Any] | None = None, pointers: Iterable[str] = ()) -> Any:
    """A copy with REDACTED in place of what the schema or the pointers name; the rest is as it was."""
    if schema:
        document = _by_schema(document, [schema], schema, 0)
    for pointer in pointers:
        parts = [part.replace("~1", "/").replace("~0", "~") for part in pointer.split("/")[1:]]
        document = _by_pointer(document, parts)
    return document


def _by_schema(value: Any, schemas: Sequence[Any], root: Mapping[str, Any], depth: int) -> Any:
    """`schemas` all apply to the value, as far as we can tell; one that calls it secret is enough."""
    if depth > DEEPEST:
        return REDACTED
    applying = _spread(schemas, root)
    if any(_is_secret(schema) for schema in applying):
        return REDACTED
    if isinstance(value, Mapping):
        return {
            key: _by_schema(
                inner, [below for schema in applying for below in _of_property(schema, key)], root, depth + 1
            )
            for key, inner in value.items()
        }
    if isinstance(value, list | tuple):
        return [
            _by_schema(inner, [below for schema in applying for below in _of_item(schema, at)], root, depth + 1)
            for at, inner in enumerate(value)
        ]
    return value


def _spread(schemas: Sequence[Any], root: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Each schema with what it refers to and what it is put together from, each once: they may go in circles."""
    found: dict[int, Mapping[str, Any]] = {}
    waiting = list(schemas)
    while waiting:
        schema = waiting.pop()
        if not isinstance(schema, Mapping) or id(schema) in found:
            continue
        found[id(schema)] = schema
        for word in ("allOf", "anyOf", "oneOf"):
            parts = schema.get(word)
            waiting += parts if isinstance(parts, list) else []
        waiting += [schema[word] for word in ("if", "then", "else") if word in schema]
        reference = schema.get("$ref")
        if isinstance(reference, str):
            waiting.append(_referred(reference, root))
    return list(found.values())


def _referred(reference: str, root: Mapping[str, Any]) -> Any:
    """Within the same schema only: nothing is fetched."""
    found: Any = root
    for part in reference.removeprefix("#").split("/")[1:] if reference.startswith("#") else ("nowhere",):
        name = part.replace("~1", "/").replace("~0", "~")
        found = found.get(name) if isinstance(found, Mapping) else None
    return found


def _is_secret(schema: Mapping[str, Any]) -> bool:
    return schema.get("format") == "password" or schema.get("writeOnly") is True or schema.get("x-redact") is True


def _of_property(schema: Mapping[str, Any], key: str) -> Iterable[Any]:
    properties = schema.get("properties")
    if isinstance(properties, Mapping) and key in properties:
        yield properties[key]
    else:
        yield schema.get("additionalProperties")
    patterns = schema.get("patternProperties")
    if isinstance(patterns, Mapping):  # matching an expression from outside could take for ever: all of them apply
        yield from patterns.values()


def _of_item(schema: Mapping[str, Any], at: int) -> Iterable[Any]:
    prefix = schema.get("prefixItems")
    if isinstance(prefix, list) and at < len(prefix):
        yield prefix[at]
    else:
        yield schema.get("items")


def _by_pointer(value: Any, parts: list[str]) -> Any:
    if not parts:
        return REDACTED
    first, rest = parts[0], parts[1:]
    if isinstance(value, Mapping):
        return {key: _by_pointer(inner, rest) if first in {"*", key} else inner for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_by_pointer(inner, rest) if first in {"*", str(at)} else inner for at, inner in enumerate(value)]
    return value
