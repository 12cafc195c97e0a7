"""Take out of a document what its schema calls secret. Pure.

A JSON Schema says so of a property by `"format": "password"`, `"writeOnly": true` or `"x-redact": true`, also below
`$ref` (within the schema), `allOf`, `anyOf` and `oneOf`, in items and additional properties. Where a schema has none,
JSON pointers do, in which `*` stands for every item and every key.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

REDACTED = "[redacted]"
DEEPEST = 100
"""Schemas may refer to themselves; documents of ours are no deeper."""
MOST_STEPS = 200_000
"""A schema comes from outside: reading a document by it may not take all day."""


def redacted(document: Any, schema: Mapping[str, Any] | None = None, pointers: Iterable[str] = ()) -> Any:
    """A copy with REDACTED in place of what the schema or the pointers name; the rest is as it was.

    Where the document has not the form in which the schema or a pointer could find a secret, such as a text where an
    object is due, all of that place is REDACTED; so is what reading by a schema takes too long for.
    """
    if schema and _has_secrets(schema):
        document = _Reader(schema).read(document, [schema], 0)
    for pointer in pointers:
        parts = [part.replace("~1", "/").replace("~0", "~") for part in pointer.split("/")[1:]]
        document = _by_pointer(document, parts)
    return document


def _has_secrets(schema: Any) -> bool:
    waiting = [schema]
    while waiting:
        part = waiting.pop()
        if isinstance(part, Mapping):
            if _is_secret(part):
                return True
            waiting += part.values()
        elif isinstance(part, list):
            waiting += part
    return False


@dataclass(slots=True)
class _Reader:
    """Reads one document by one schema."""

    root: Mapping[str, Any]
    steps: int = MOST_STEPS
    known: dict[tuple[int, ...], list[Mapping[str, Any]]] = field(default_factory=dict)
    """Items and properties are mostly alike."""

    def read(self, value: Any, schemas: Sequence[Any], depth: int) -> Any:
        """`schemas` all apply to the value, as far as we can tell; one that calls it secret is enough."""
        applying = self._spread(schemas)
        if depth > DEEPEST or self.steps < 0 or any(_is_secret(schema) for schema in applying):
            return REDACTED
        if value is None:
            return None
        kinds = {kind for schema in applying for kind in _kinds(schema)}
        if kinds and _kind(value) not in kinds:
            return REDACTED
        if isinstance(value, Mapping):
            return {
                key: self.read(inner, [below for schema in applying for below in _of_property(schema, key)], depth + 1)
                for key, inner in value.items()
            }
        if isinstance(value, list | tuple):
            return [
                self.read(inner, [below for schema in applying for below in _of_item(schema, at)], depth + 1)
                for at, inner in enumerate(value)
            ]
        return value

    def _spread(self, schemas: Sequence[Any]) -> list[Mapping[str, Any]]:
        """Each schema with what it refers to and what it is put together from, each once: they may go in circles."""
        self.steps -= 1 + len(schemas)
        if self.steps < 0:
            return []
        key = tuple(map(id, schemas))
        if key in self.known:
            self.steps -= len(self.known[key])
            return self.known[key]
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
                waiting.append(_referred(reference, self.root))
        self.steps -= len(found)
        self.known[key] = list(found.values())
        return self.known[key]


def _kinds(schema: Mapping[str, Any]) -> Iterable[str]:
    """What it says a value is: `object`, `array` or `other`. None where it says nothing."""
    said = schema.get("type")
    for kind in said if isinstance(said, list) else [said]:
        if isinstance(kind, str):
            yield kind if kind in {"object", "array"} else "other"
    if said is None and {"properties", "patternProperties", "additionalProperties"} & schema.keys():
        yield "object"
    if said is None and {"items", "prefixItems"} & schema.keys():
        yield "array"


def _kind(value: Any) -> str:
    return "object" if isinstance(value, Mapping) else "array" if isinstance(value, list | tuple) else "other"


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
    items = schema.get("items")
    for word, rest in (("prefixItems", items), ("items", schema.get("additionalItems"))):  # as of 2020, and before
        listed = schema.get(word)
        if isinstance(listed, list):
            yield listed[at] if at < len(listed) else rest
            return
    yield items


def _by_pointer(value: Any, parts: list[str]) -> Any:
    if not parts:
        return REDACTED
    first, rest = parts[0], parts[1:]
    if isinstance(value, Mapping):
        return {key: _by_pointer(inner, rest) if first in {"*", key} else inner for key, inner in value.items()}
    if isinstance(value, list | tuple) and (first == "*" or first.isdecimal()):
        return [_by_pointer(inner, rest) if first in {"*", str(at)} else inner for at, inner in enumerate(value)]
    return value if value is None else REDACTED
