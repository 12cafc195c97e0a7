"""A form for a document of a given shape: its fields, and the document that a person typed into them.

The *input* has the texts of the form, nested like the document. It holds what a person typed even if that is not a
valid document yet. The model of the document validates it; this module does not.
"""

import json
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from control_plane.console.schema_shape import MISSING, SAME_AS, Shape
from services.errors import InvalidInput
from services.json_rules import exact_number

KEY = "key"
"""The name of the field in which the key of a map's entry is typed."""
VARIANT = "variant"
"""The name of the field with the chosen shape, for a document that may have several shapes."""
NONE = "none"
"""The name of the checkbox for an empty list (`[]`), which may mean something else than a missing list."""

Input = dict[str, Any]
"""For each name a text, a list of texts, or an Input. The elements of a list are named 0, 1, …"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """A part of the form, with the text that was typed into it."""

    shape: Shape
    name: str
    path: str
    """The path of the field in validation errors, such as `approval_rules.require[0].tools`."""
    value: Any
    problem: str | None
    fields: tuple["Field", ...] = field(default=())

    def paths(self) -> frozenset[str]:
        """The paths of the problems that this part of the form shows."""
        return frozenset({self.path}).union(*(each.paths() for each in self.fields))


def fields_of(shape: Shape, typed: Any, problems: Mapping[str, str], *, name: str = "", path: str = "") -> Field:
    """The fields of the form, each with its text and its problem."""
    inner: Iterable[Field] = ()
    match shape.kind:
        case "group":
            values = _mapping(typed)
            inner = (
                fields_of(member, values.get(key), problems, name=_join_path(name, key), path=_join_path(path, key))
                for key, member in shape.members
            )
        case "list":
            inner = (
                fields_of(_element_shape(shape), value, problems, name=_join_path(name, key), path=f"{path}[{number}]")
                for number, (key, value) in enumerate(_without_none(typed))
            )
        case "map":
            inner = (
                fields_of(
                    _element_shape(shape),
                    value,
                    problems,
                    name=_join_path(name, key),
                    path=_join_path(path, str(_mapping(value).get(KEY, ""))),
                )
                for key, value in _mapping(typed).items()
            )
        case "variants":
            chosen = _chosen_variant(shape, typed)
            if chosen is not None:
                inner = (fields_of(chosen, typed, problems, name=name, path=path),)
    return Field(
        shape=shape, name=name, path=path, value=typed, problem=problems.get(path), fields=tuple(inner)
    )  # fmt: skip


def document_of(shape: Shape, typed: Any) -> Any:  # noqa: PLR0911  # a table of cases
    """Turn the input into a document; MISSING for a field that was left empty."""
    match shape.kind:
        case "group":
            values = _mapping(typed)
            document = {key: document_of(member, values.get(key)) for key, member in shape.members}
            return {key: value for key, value in document.items() if value is not MISSING}
        case "list":
            elements = [document_of(_element_shape(shape), value) for _, value in _without_none(typed)]
            return elements or ([] if NONE in _mapping(typed) else MISSING)
        case "map":
            return {
                str(_mapping(value).get(KEY, "")).strip(): document_of(_element_shape(shape), value)
                for value in _mapping(typed).values()
            } or MISSING
        case "variants":
            chosen = _chosen_variant(shape, typed)
            return MISSING if chosen is None else document_of(chosen, typed)
        case "check":
            return typed is not None
        case "choices":
            return typed if isinstance(typed, list) and typed else MISSING
        case "lines":
            return [
                _scalar(line, _element_shape(shape)) for line in str(typed or "").splitlines() if line.strip()
            ] or MISSING
    return _scalar(str(typed), shape) if typed and str(typed).strip() else MISSING


def whole_document(shape: Shape, typed: Any) -> dict[str, Any]:
    """The document of a group. An empty field gets its default, so that no earlier value stays by accident."""
    document: dict[str, Any] = document_of(shape, typed)
    for name, member in shape.members:
        if name not in document and member.kind in {"group", "map", "variants"}:
            document[name] = {}
        elif name not in document and member.default is not MISSING:
            document[name] = member.default
    return document


def typed_from(shape: Shape, value: Any) -> Any:  # noqa: PLR0911  # a table of cases
    """The input that gives this document."""
    match shape.kind:
        case "group":
            values = value if isinstance(value, Mapping) else {}
            same = {name: values[other] for other, name in SAME_AS.items() if other in values}
            return {key: typed_from(member, {**values, **same}.get(key)) for key, member in shape.members}
        case "list":
            elements = {str(number): typed_from(_element_shape(shape), each) for number, each in enumerate(value or ())}
            return {NONE: "on"} if value == [] else elements
        case "map":
            entries = (value or {}).items()
            return {
                str(n): {KEY: key, **typed_from(_element_shape(shape), each)} for n, (key, each) in enumerate(entries)
            }
        case "variants":
            number = next((n for n, (_, each) in enumerate(shape.members) if _fits(each, value)), None)
            return {} if number is None else {VARIANT: str(number), **typed_from(shape.members[number][1], value)}
        case "check":
            return "on" if value else None
        case "choices":
            return list(value or ())
        case "lines":
            return "\n".join(_text(each, _element_shape(shape)) for each in value or ())
    return "" if value is None else _text(value, shape)


def typed_in(form: Iterable[tuple[str, str]]) -> Input:
    """The input of a sent form. A name with `[]` may occur several times."""
    typed: Input = {}
    for full_name, text in form:
        *parents, last = full_name.removesuffix("[]").split(".")
        inside = typed
        for parent in parents:
            inside = inside.setdefault(parent, {})
            if not isinstance(inside, dict):
                return {}
        if not full_name.endswith("[]"):
            inside[last] = text
        elif isinstance(texts := inside.setdefault(last, []), list):
            texts.append(text)
    return typed


def text_in(typed: Mapping[str, Any], name: str) -> str:
    """The text of the field with this name; empty if there is none."""
    text = typed.get(name)
    return text.strip() if isinstance(text, str) else ""


def number_in(typed: Mapping[str, Any], name: str, default: int = 0) -> float:
    """The number in the field with this name. Raises InvalidInput."""
    text = text_in(typed, name)
    try:
        return float(text or default)
    except ValueError as exc:
        raise InvalidInput(name, "must be a number") from exc


def add_element(typed: Input, name: str) -> None:
    """Add an empty element to the list or map with this name."""
    elements = _input_at(typed, name.split("."))
    number = 1 + max((int(key) for key in elements if _is_index(key)), default=-1)
    elements[str(number)] = {}


def remove_element(typed: Input, name: str) -> None:
    """Remove the element with this name."""
    *parents, last = name.split(".")
    _input_at(typed, parents).pop(last, None)


def _without_none(typed: Any) -> list[tuple[str, Any]]:
    return [(key, value) for key, value in _mapping(typed).items() if key != NONE]


def _mapping(typed: Any) -> Mapping[str, Any]:
    """The nested input; empty if the form has a text where it should have fields, which no page of ours sends."""
    return typed if isinstance(typed, Mapping) else {}


def _input_at(typed: Input, parents: Sequence[str]) -> Input:
    for parent in parents:
        inner = typed.setdefault(parent, {})
        if not isinstance(inner, dict):
            inner = typed[parent] = {}
        typed = inner
    return typed


def _element_shape(shape: Shape) -> Shape:
    if shape.item is None:
        raise ValueError(f"{shape.label}: a {shape.kind} has no elements")
    return shape.item


def _chosen_variant(shape: Shape, typed: Any) -> Shape | None:
    number = str(_mapping(typed).get(VARIANT, ""))
    return shape.members[int(number)][1] if _is_index(number) and int(number) < len(shape.members) else None


def _is_index(text: str) -> bool:
    """Whether the text is the number of an element. Its length is limited, because `int` refuses thousands of
    digits."""
    return text.isdecimal() and len(text) < 10


def _fits(shape: Shape, value: Any) -> bool:
    """Whether the document matches this variant: it has all required fields of the variant and is not empty."""
    required = {name for name, member in shape.members if member.is_required}
    return bool(value) and required <= set(value)


def _scalar(text: str, shape: Shape) -> Any:
    """Text, unless the field may have another type and JSON reads the text as one."""
    text = text.strip()
    if shape.kind not in {"number", "scalar"}:
        return text
    try:
        value = json.loads(text, parse_float=exact_number)
    except (ValueError, RecursionError):
        return text
    is_plain = isinstance(value, str | int | None) or (not isinstance(value, list | dict) and math.isfinite(value))
    return value if is_plain else text


def _text(value: Any, shape: Shape) -> str:
    """The inverse of `_scalar`: a text that JSON would read as another type is put in quotes."""
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False) if _scalar(value, shape) != value else value
    return json.dumps(value, default=str)


def _join_path(path: str, key: str) -> str:
    return f"{path}.{key}" if path else key
