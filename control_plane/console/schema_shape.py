"""The shapes of a document's parts, read from its JSON Schema."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

CHOICE = re.compile(r"\^\((\w+(?:\|\w+)+)\)\$")
SAME_AS = {"timezone": "time_zone"}
"""Alternative names of a field, which a form does not offer."""
MISSING: Any = object()
"""Stands for a field that was left empty, and for a field without a default."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """The shape of one part of a document: the kind of its value and the shapes of its parts."""

    kind: str
    """text, number, scalar, check, choice, choices, lines, group, list, map or variants."""
    label: str = ""
    hint: str = ""
    placeholder: str = ""
    options: tuple[str, ...] = ()
    default: Any = MISSING
    is_required: bool = False
    members: tuple[tuple[str, "Shape"], ...] = ()
    """The members of a group, by name; or the variants, by the value that identifies each."""
    item: "Shape | None" = None
    """The shape of the elements of a list or map."""


def shape_of(schema: Mapping[str, Any], definitions: Mapping[str, Any] | None = None, label: str = "") -> Shape:  # noqa: PLR0911  # a table of cases
    """The shape that a schema describes."""
    definitions = schema.get("$defs", {}) if definitions is None else definitions
    schema = _resolved(schema, definitions)
    common: dict[str, Any] = {
        "label": label, "hint": schema.get("description", ""), "default": schema.get("default", MISSING),
        "placeholder": _placeholder(schema),
    }  # fmt: skip
    if "oneOf" in schema:
        shapes = [shape_of(each, definitions) for each in schema["oneOf"]]
        groups = [each for each in shapes if each.kind == "group"]
        if len(groups) == 1:  # the other schemas are short forms of this group
            return groups[0]
        return Shape(kind="variants", members=tuple((each.hint, each) for each in groups), **common)
    if "anyOf" in schema:
        return Shape(kind="scalar", **common)
    match schema.get("type"):
        case "boolean":
            return Shape(kind="check", **common)
        case "integer" | "number":
            return Shape(kind="number", **common)
        case "string":
            options = _options(schema)
            return Shape(kind="choice" if options else "text", options=options, **common)
        case "array":
            item = shape_of(schema["items"], definitions)
            if item.kind in {"group", "variants"}:
                return Shape(kind="list", item=item, **common)
            options = item.options or tuple(schema.get("default", ()))
            return Shape(kind="choices" if options else "lines", options=options, item=item, **common)
    if "patternProperties" in schema:
        [item_schema] = schema["patternProperties"].values()
        return Shape(kind="map", item=shape_of(item_schema, definitions), **common)
    members = []
    for name, member in schema.get("properties", {}).items():
        if name not in SAME_AS:
            shape = shape_of(member, definitions, _label(name))
            members.append((name, replace(shape, is_required=name in schema.get("required", ()))))
    return Shape(kind="group", members=tuple(members), **common)


def _resolved(schema: Mapping[str, Any], definitions: Mapping[str, Any]) -> Mapping[str, Any]:
    """The schema with its reference resolved, and without a null that only means that the field may be left out."""
    if "$ref" in schema:
        schema = {**_resolved(definitions[schema["$ref"].rpartition("/")[2]], definitions), **schema}
        schema.pop("$ref")
    if "anyOf" in schema:
        kinds = [kind for kind in schema["anyOf"] if kind.get("type") != "null"]
        if len(kinds) == 1:
            rest = {key: value for key, value in schema.items() if key != "anyOf"}
            return {**_resolved(kinds[0], definitions), **rest}
    return schema


def _options(schema: Mapping[str, Any]) -> tuple[str, ...]:
    found = CHOICE.fullmatch(schema.get("pattern", ""))
    return tuple(found[1].split("|")) if found else tuple(schema.get("enum", ()))


def _placeholder(schema: Mapping[str, Any]) -> str:
    default, examples = schema.get("default"), schema.get("examples", ())
    shown = default if isinstance(default, str) else next(iter(examples), "")
    return "\n".join(map(str, shown)) if isinstance(shown, list) else str(shown)


def _label(name: str) -> str:
    return name.replace("_", " ").capitalize()
