"""Make form fields from a call's arguments, and arguments from the sent form. Pure.

The schema of the tool determines the fields. Every value keeps its JSON type.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from control_plane.console.show import pretty_json
from control_plane.strict_json import parse_object
from services.catalog import Tool
from services.envelope import Envelope
from services.errors import InvalidInput

PART_LENGTH = 1200
"""Characters in one part of a long value. The page notes for each part whether it was on the screen."""
MAX_ROWS = 24
KINDS_BY_TYPE = {"string": "text", "number": "number", "integer": "number", "boolean": "boolean"}
LABELS = {
    "text": "text", "number": "number", "boolean": "true or false", "choice": "choice", "json": "JSON",
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Argument:
    """One argument, as it is shown and edited."""

    name: str
    kind: str
    """`text`, `number`, `boolean`, `choice` or `json`: the kind of field in which the value is edited."""
    text: str
    """The value as text in a field of this kind; empty if the argument is left out."""
    is_given: bool
    """Whether the call has this argument."""
    is_required: bool = False
    description: str = ""
    choices: tuple[str, ...] = ()
    """The values of a choice, as JSON."""

    @property
    def type_name(self) -> str:
        """The kind of the argument in words, as a page shows it."""
        return LABELS[self.kind]

    @property
    def is_secret(self) -> bool:
        """Whether the value is secret, so that the page does not show it."""
        return self.text == "[redacted]"

    @property
    def parts(self) -> list[str]:
        """The value in parts that fit on a screen. A chosen text is shown without quotes."""
        text = _without_quotes(self.text) if self.kind == "choice" else self.text
        return [text[at : at + PART_LENGTH] for at in range(0, len(text), PART_LENGTH)] or [""]

    @property
    def options(self) -> list[tuple[str, str]]:
        """The choices: for each the JSON value, and the text that people see."""
        return [(choice, _without_quotes(choice)) for choice in self.choices]

    @property
    def rows(self) -> int:
        """How many lines a text field needs to show the whole value."""
        lines = sum(1 + len(line) // 60 for line in self.text.split("\n"))
        return max(1, min(lines, MAX_ROWS))


def list_arguments(schema: Mapping[str, Any], arguments: Mapping[str, Any]) -> list[Argument]:
    """The arguments of the call, in the order of `in_order`, then those that the schema allows in addition."""
    known = _properties(schema)
    required = schema.get("required")
    needed = set(required) if isinstance(required, list | tuple) else set()
    names = [*in_order(schema, arguments), *(name for name in known if name not in arguments)]
    return [_argument(name, known.get(name), arguments, is_required=name in needed) for name in names]


def in_order(schema: Mapping[str, Any], arguments: Mapping[str, Any]) -> dict[str, Any]:
    """The arguments in the order of the schema. Arguments that the schema does not name come last, sorted by name.

    Nested objects are sorted as the database sorts them, so that two documents can be compared.
    """
    known = _properties(schema)
    names = [*(name for name in known if name in arguments), *sorted(name for name in arguments if name not in known)]
    return {name: _sorted(arguments[name]) for name in names}


def order_arguments(envelope: Envelope, tool: Tool | None) -> Envelope:
    """The envelope with its arguments in the order of the schema of its tool."""
    schema, before = {} if tool is None else tool.schema, envelope.proposed_arguments
    return replace(
        envelope, arguments=in_order(schema, envelope.arguments),
        proposed_arguments=None if before is None else in_order(schema, before),
    )  # fmt: skip


def _without_quotes(choice: str) -> str:
    """The choice without quotes if it is a text, else its JSON."""
    return str(json.loads(choice)) if choice.startswith('"') else choice


def _properties(schema: Mapping[str, Any]) -> Mapping[str, Any]:
    properties = schema.get("properties")
    return properties if isinstance(properties, Mapping) else {}


def _sorted(value: Any) -> Any:
    if isinstance(value, Mapping):
        names = sorted(value, key=lambda name: (len(name), name))
        return {name: _sorted(value[name]) for name in names}
    return [_sorted(each) for each in value] if isinstance(value, list | tuple) else value


def _argument(name: str, rules: Any, arguments: Mapping[str, Any], *, is_required: bool) -> Argument:
    rules = rules if isinstance(rules, Mapping) else {}
    is_given = name in arguments
    value = arguments.get(name)
    choices = rules.get("enum")
    options = tuple(map(json.dumps, choices)) if isinstance(choices, list | tuple) else ()
    kind = _kind_of(value) if is_given else KINDS_BY_TYPE.get(str(rules.get("type")), "json")
    if options and (not is_given or json.dumps(value, default=str) in options):
        kind = "choice"
    description = rules.get("description")
    return Argument(
        name=name, kind=kind, text=_shown(value, kind) if is_given else "", is_given=is_given, is_required=is_required,
        description=description if isinstance(description, str) else "", choices=options,
    )  # fmt: skip


def _kind_of(value: Any) -> str:
    match value:
        case bool():
            return "boolean"
        case int() | float() | Decimal():
            return "number"
        case str():
            return "text"
        case _:
            return "json"


def _shown(value: Any, kind: str) -> str:
    if kind == "text":
        return str(value)
    if kind == "json":
        return pretty_json(value)
    return json.dumps(value, default=str) if not isinstance(value, Decimal) else str(value)


def read_arguments(form: Mapping[str, Any]) -> dict[str, Any]:
    """The arguments in a submitted form: from its fields, or from its JSON document if the call was edited as JSON.

    Raises InvalidInput that names the argument.
    """
    fields = {name: str(value).replace("\r\n", "\n") for name, value in form.items()}
    if fields.get("mode") == "json":
        return parse_object(fields.get("document", ""), name="arguments")
    arguments: dict[str, Any] = {}
    for position in range(len(fields)):
        name = fields.get(f"name.{position}")
        if name is None:
            break
        text, kind = fields.get(f"value.{position}", ""), fields.get(f"kind.{position}", "")
        if not text and not fields.get(f"given.{position}"):
            continue  # the argument was left out before, and still is
        arguments[name] = text if kind == "text" else _parse_value(name, kind, text)
    return arguments


def _parse_value(name: str, kind: str, text: str) -> Any:
    where = f"arguments.{name}"
    if not text.strip():
        raise InvalidInput(where, f"is empty, but must be {LABELS.get(kind, 'JSON')}; to leave it out, edit as JSON")
    try:
        document = parse_object(f'{{"value": {text}}}', name=where)
    except InvalidInput as exc:
        raise InvalidInput(where, f"is not {LABELS.get(kind, 'JSON')}") from exc
    value = document.get("value")
    is_number = isinstance(value, int | float | Decimal) and not isinstance(value, bool)
    fits = {"number": is_number, "boolean": isinstance(value, bool)}.get(kind, True)
    if len(document) != 1 or not fits:
        raise InvalidInput(where, f"is not {LABELS.get(kind, 'JSON')}")
    return value
