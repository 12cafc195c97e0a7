"""Replace the values in a document that its schema marks as secret. Pure.

A JSON Schema marks a property as secret with `"format": "password"`, `"writeOnly": true` or `"x-redact": true`. The
mark is also found below `$ref` (within the schema), `allOf`, `anyOf` and `oneOf`, in items and additional properties.
For tools whose schema has no marks, JSON pointers name the secrets; `*` in a pointer matches every item and every key.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

REDACTED = "[redacted]"
MAX_DEPTH = 100
"""Levels to which documents are redacted, because a schema may refer to itself. Stored documents are not deeper."""
MAX_STEPS = 200_000
"""Limits the time for one document: the schema comes from outside."""


def redact_document(document: Any, schema: Mapping[str, Any] | None = None, pointers: Iterable[str] = ()) -> Any:
    """A copy of `document` with REDACTED in place of each value that the schema or a pointer marks as secret.

    A value whose type differs from what the schema or the pointer expects, such as a text instead of an object, is
    REDACTED as a whole. Everything that is left when MAX_STEPS are used up is REDACTED too.
    """
    if schema and _has_secrets(schema):
        document = _Redactor(schema).redact(document, [schema], 0)
    for pointer in pointers:
        parts = [part.replace("~1", "/").replace("~0", "~") for part in pointer.split("/")[1:]]
        document = _redact_at(document, parts)
    return document


def _has_secrets(schema: Any) -> bool:
    to_visit = [schema]
    while to_visit:
        part = to_visit.pop()
        if isinstance(part, Mapping):
            if _is_secret(part):
                return True
            to_visit += part.values()
        elif isinstance(part, list):
            to_visit += part
    return False


@dataclass(slots=True)
class _Redactor:
    """Redacts one document by one schema."""

    root: Mapping[str, Any]
    steps_left: int = MAX_STEPS
    expanded: dict[tuple[int, ...], list[Mapping[str, Any]]] = field(default_factory=dict)
    """Expanded schemas by the identity of their parts: items of a list mostly share one."""

    def redact(self, value: Any, schemas: Sequence[Any], depth: int) -> Any:
        """A copy of `value`. Every one of `schemas` may apply to it: it is secret if any of them marks it so."""
        applicable = self._expand(schemas)
        if depth > MAX_DEPTH or self.steps_left < 0 or any(_is_secret(schema) for schema in applicable):
            return REDACTED
        if value is None:
            return None
        kinds = {kind for schema in applicable for kind in _allowed_kinds(schema)}
        if kinds and _kind_of(value) not in kinds:
            return REDACTED
        if isinstance(value, Mapping):
            return {
                key: self.redact(
                    inner, [part for schema in applicable for part in _property_schemas(schema, key)], depth + 1
                )
                for key, inner in value.items()
            }
        if isinstance(value, list | tuple):
            return [
                self.redact(inner, [part for schema in applicable for part in _item_schemas(schema, index)], depth + 1)
                for index, inner in enumerate(value)
            ]
        return value

    def _expand(self, schemas: Sequence[Any]) -> list[Mapping[str, Any]]:
        """`schemas` and all schemas that they refer to or combine. Each once, because references may be circular."""
        self.steps_left -= 1 + len(schemas)
        if self.steps_left < 0:
            return []
        key = tuple(map(id, schemas))
        if key in self.expanded:
            self.steps_left -= len(self.expanded[key])
            return self.expanded[key]
        found: dict[int, Mapping[str, Any]] = {}
        to_visit = list(schemas)
        while to_visit:
            schema = to_visit.pop()
            if not isinstance(schema, Mapping) or id(schema) in found:
                continue
            found[id(schema)] = schema
            for keyword in ("allOf", "anyOf", "oneOf"):
                parts = schema.get(keyword)
                to_visit += parts if isinstance(parts, list) else []
            to_visit += [schema[keyword] for keyword in ("if", "then", "else") if keyword in schema]
            reference = schema.get("$ref")
            if isinstance(reference, str):
                to_visit.append(_resolve_reference(reference, self.root))
        self.steps_left -= len(found)
        self.expanded[key] = list(found.values())
        return self.expanded[key]


def _allowed_kinds(schema: Mapping[str, Any]) -> Iterable[str]:
    """The kinds of value that `schema` allows: `object`, `array` or `other`. Empty when it allows every kind."""
    types = schema.get("type")
    for kind in types if isinstance(types, list) else [types]:
        if isinstance(kind, str):
            yield kind if kind in {"object", "array"} else "other"
    if types is None and {"properties", "patternProperties", "additionalProperties"} & schema.keys():
        yield "object"
    if types is None and {"items", "prefixItems"} & schema.keys():
        yield "array"


def _kind_of(value: Any) -> str:
    return "object" if isinstance(value, Mapping) else "array" if isinstance(value, list | tuple) else "other"


def _resolve_reference(reference: str, root: Mapping[str, Any]) -> Any:
    """The part of `root` that `reference` names; None if it is outside this schema, because nothing is fetched."""
    found: Any = root
    for part in reference.removeprefix("#").split("/")[1:] if reference.startswith("#") else ("nowhere",):
        name = part.replace("~1", "/").replace("~0", "~")
        found = found.get(name) if isinstance(found, Mapping) else None
    return found


def _is_secret(schema: Mapping[str, Any]) -> bool:
    return schema.get("format") == "password" or schema.get("writeOnly") is True or schema.get("x-redact") is True


def _property_schemas(schema: Mapping[str, Any], key: str) -> Iterable[Any]:
    properties = schema.get("properties")
    if isinstance(properties, Mapping) and key in properties:
        yield properties[key]
    else:
        yield schema.get("additionalProperties")
    patterns = schema.get("patternProperties")
    if isinstance(patterns, Mapping):  # a regular expression from outside may never finish: treat all as matching
        yield from patterns.values()


def _item_schemas(schema: Mapping[str, Any], index: int) -> Iterable[Any]:
    items = schema.get("items")
    # JSON Schema 2020-12 has `prefixItems`; in older versions, `items` is a list
    for keyword, rest in (("prefixItems", items), ("items", schema.get("additionalItems"))):
        listed = schema.get(keyword)
        if isinstance(listed, list):
            yield listed[index] if index < len(listed) else rest
            return
    yield items


def _redact_at(value: Any, parts: list[str]) -> Any:
    if not parts:
        return REDACTED
    first, rest = parts[0], parts[1:]
    if isinstance(value, Mapping):
        return {key: _redact_at(inner, rest) if first in {"*", key} else inner for key, inner in value.items()}
    if isinstance(value, list | tuple) and (first == "*" or first.isdecimal()):
        return [_redact_at(inner, rest) if first in {"*", str(at)} else inner for at, inner in enumerate(value)]
    return value if value is None else REDACTED
