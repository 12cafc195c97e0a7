"""The form of a call's arguments: what is not changed comes back as it was, and what is changed keeps its JSON type."""

import json
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from control_plane.console.arguments import in_order, list_arguments, read_arguments
from services.errors import InvalidInput

SCHEMA = {
    "properties": {
        "text": {"type": "string", "description": "What to say."}, "count": {"type": "integer"},
        "urgent": {"type": "boolean"}, "mode": {"enum": ["draft", 1, None]}, "extra": {},
    },
    "required": ["text"],
}  # fmt: skip
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text('ab"\\é'),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text("ab", min_size=1), inner, max_size=3),
    max_leaves=6,
)


def submitted(schema: dict[str, Any], arguments: dict[str, Any], **changes: str) -> dict[str, str]:
    """What a browser sends for the form of this call."""
    form = {"mode": "form"}
    for number, argument in enumerate(list_arguments(schema, arguments)):
        form |= {f"name.{number}": argument.name, f"kind.{number}": argument.kind}
        form |= {f"given.{number}": "1"} if argument.is_given else {}
        form[f"value.{number}"] = changes.get(argument.name, argument.text).replace("\n", "\r\n")
    return form


@given(st.dictionaries(st.text("ab", min_size=1), JSON | st.text("a\n"), max_size=5))
def test_an_unchanged_form_is_the_same_call(arguments: dict[str, Any]) -> None:
    assert read_arguments(submitted({}, arguments)) == arguments


def test_arguments_have_the_order_of_the_schema_and_unknown_ones_are_last_by_name() -> None:
    arguments = {"zip": 1, "mode": 1, "aim": {"long": {"b": 1, "a": 2}, "x": 3}, "text": "hello"}
    names = [argument.name for argument in list_arguments(SCHEMA, arguments)]
    assert names == ["text", "mode", "aim", "zip", "count", "urgent", "extra"]
    ordered = in_order(SCHEMA, arguments)
    assert ordered == arguments
    assert json.dumps(ordered) == '{"text": "hello", "mode": 1, "aim": {"x": 3, "long": {"a": 2, "b": 1}}, "zip": 1}'


def test_choices_of_text_are_read_without_quotes_and_keep_their_type() -> None:
    [mode] = [argument for argument in list_arguments(SCHEMA, {"mode": "draft"}) if argument.name == "mode"]
    assert (mode.parts, mode.options) == (["draft"], [('"draft"', "draft"), ("1", "1"), ("null", "null")])


def test_a_changed_value_keeps_its_type_and_what_was_left_out_stays_out() -> None:
    before = {"text": "5", "count": 5, "urgent": False, "mode": "draft"}
    changes = {"text": "6", "count": "6", "urgent": "true", "mode": "1"}
    assert read_arguments(submitted(SCHEMA, before, **changes)) == {"text": "6", "count": 6, "urgent": True, "mode": 1}
    assert read_arguments(submitted(SCHEMA, {"text": ""})) == {"text": ""}
    assert read_arguments(submitted(SCHEMA, {"text": ""}, count="3")) == {"text": "", "count": 3}


def test_a_number_loses_no_digit() -> None:
    number = "0.1000000000000000000000000001"
    assert read_arguments(submitted({}, {"price": 1.5}, price=number)) == {"price": Decimal(number)}


@pytest.mark.parametrize(
    ("name", "text", "problem"),
    [
        ("count", "many", "is not number"),
        ("count", "true", "is not number"),
        ("count", '1, "more": 2', "is not number"),
        ("count", "", "is empty, but must be number; to leave it out, edit as JSON"),
        ("urgent", "1", "is not true or false"),
        ("labels", "[1", "is not JSON"),
    ],
)
def test_what_is_not_of_the_type_is_refused_by_name(name: str, text: str, problem: str) -> None:
    with pytest.raises(InvalidInput, match=f"^arguments.{name}: {problem}$"):
        read_arguments(submitted(SCHEMA, {"count": 1, "urgent": True, "labels": []}, **{name: text}))


def test_the_document_counts_if_the_call_is_edited_as_json() -> None:
    form = {**submitted(SCHEMA, {"text": "hello"}), "mode": "json", "document": '{"text": "hi"}'}
    assert read_arguments(form) == {"text": "hi"}
    with pytest.raises(InvalidInput, match="arguments: is not JSON"):
        read_arguments({"mode": "json", "document": "{"})


def test_a_long_value_is_followed_in_parts_and_nothing_of_it_is_lost() -> None:
    text = "x" * 5000
    [argument] = list_arguments({}, {"text": text})
    assert "".join(argument.parts) == text
    assert len(argument.parts) == 5
