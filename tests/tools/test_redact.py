"""Values that a schema marks as secret are redacted; all others are unchanged."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.tools import Success, ToolCall
from services.tools.dispatch import Tools
from services.tools.redact import REDACTED, redact_document
from tests.tools.builders import a_call, a_tool

SECRET = {"type": "string", "format": "password"}


@pytest.mark.parametrize(
    ("schema", "document", "left"),
    [
        ({"properties": {"key": SECRET}}, {"key": "s", "name": "n"}, {"key": REDACTED, "name": "n"}),
        ({"properties": {"key": {"writeOnly": True}}}, {"key": {"deep": "s"}}, {"key": REDACTED}),
        ({"properties": {"key": {"x-redact": True}}}, {"key": None}, {"key": REDACTED}),
        ({"items": {"properties": {"pin": SECRET}}}, [{"pin": 1}, {"a": 2}], [{"pin": REDACTED}, {"a": 2}]),
        ({"prefixItems": [SECRET], "items": {}}, ["s", "n"], [REDACTED, "n"]),
        ({"additionalProperties": SECRET, "properties": {"n": {}}}, {"n": 1, "x": 2}, {"n": 1, "x": REDACTED}),
        ({"patternProperties": {"^x-": SECRET}}, {"x-key": "s"}, {"x-key": REDACTED}),
        ({"$defs": {"S": SECRET}, "properties": {"k": {"$ref": "#/$defs/S"}}}, {"k": "s"}, {"k": REDACTED}),
        ({"allOf": [{"properties": {"k": SECRET}}]}, {"k": "s"}, {"k": REDACTED}),
        ({"anyOf": [{"type": "null"}, {"properties": {"k": SECRET}}]}, {"k": "s"}, {"k": REDACTED}),
        ({"oneOf": [{"properties": {"k": {"anyOf": [SECRET]}}}]}, {"k": "s"}, {"k": REDACTED}),
        ({"properties": {"k": {"$ref": "https://elsewhere.test/s"}}}, {"k": "n"}, {"k": "n"}),
        ({"items": [SECRET, {}], "additionalItems": SECRET}, ["s", "n", "s"], [REDACTED, "n", REDACTED]),
        (SECRET, "s", REDACTED),
        ({"properties": {"key": SECRET}}, '{"key": "s"}', REDACTED),
        ({"properties": {"key": SECRET}}, [{"type": "text", "text": "s"}], REDACTED),
        ({"items": SECRET}, {"0": "s"}, REDACTED),
        (
            {"properties": {"a": {"type": "object", "properties": {"k": SECRET}}}},
            {"a": "s", "b": 1},
            {"a": REDACTED, "b": 1},
        ),
        ({"properties": {"a": {"type": ["object", "null"]}, "k": SECRET}}, {"a": None}, {"a": None}),
        ({"properties": {"a": {"type": ["object", "string"]}, "k": SECRET}}, {"a": "n"}, {"a": "n"}),
        ({"type": "object"}, "n", "n"),
        ({}, {"k": "n"}, {"k": "n"}),
    ],
)
def test_values_that_a_schema_marks_are_redacted(schema: dict[str, Any], document: Any, left: Any) -> None:
    assert redact_document(document, schema) == left


def test_a_schema_that_refers_to_itself_ends() -> None:
    tree = {"$defs": {"T": {"properties": {"pin": SECRET, "next": {"$ref": "#/$defs/T"}}}}, "$ref": "#/$defs/T"}
    document = {"pin": 1, "next": {"pin": 2, "next": {"n": 3}}}
    assert redact_document(document, tree) == {"pin": REDACTED, "next": {"pin": REDACTED, "next": {"n": 3}}}
    for circles in (
        {"allOf": [{"$ref": "#"}, {"$ref": "#"}]},
        {"anyOf": [{"anyOf": [{"$ref": "#"}] * 9}] * 9, "allOf": 7},
    ):
        assert redact_document({"a": 1}, circles) == {"a": 1}


def test_what_is_left_when_the_step_limit_is_reached_is_redacted() -> None:
    wide = {"additionalProperties": {"anyOf": [{"title": str(n)} for n in range(5000)]}, "properties": {"pin": SECRET}}
    left = redact_document({"pin": 1} | {str(n): "n" for n in range(6000)}, wide)
    assert left["pin"] == left["5999"] == REDACTED
    assert left["0"] == "n"


@pytest.mark.parametrize(
    ("pointer", "document", "left"),
    [
        ("/token", '{"token": "s"}', REDACTED),
        ("/token", [{"type": "text", "text": "s"}], REDACTED),
        ("/a/pin", {"a": "s", "b": "n"}, {"a": REDACTED, "b": "n"}),
        ("/a/*", {"a": 7}, {"a": REDACTED}),
        ("/a/pin", {"a": None}, {"a": None}),
        ("/0/text", [{"text": "s"}], [{"text": REDACTED}]),
    ],
)
def test_a_value_that_a_pointer_cannot_enter_is_redacted(pointer: str, document: Any, left: Any) -> None:
    assert redact_document(document, pointers=[pointer]) == left


@pytest.mark.parametrize(
    ("pointer", "left"),
    [
        ("/a/0/pin", {"a": [{"pin": REDACTED}, {"pin": 2}], "b/c": 3}),
        ("/a/*/pin", {"a": [{"pin": REDACTED}, {"pin": REDACTED}], "b/c": 3}),
        ("/*", {"a": REDACTED, "b/c": REDACTED}),
        ("/b~1c", {"a": [{"pin": 1}, {"pin": 2}], "b/c": REDACTED}),
        ("/nothing/there", {"a": [{"pin": 1}, {"pin": 2}], "b/c": 3}),
        ("", REDACTED),
    ],
)
def test_values_that_a_pointer_names_are_redacted(pointer: str, left: Any) -> None:
    assert redact_document({"a": [{"pin": 1}, {"pin": 2}], "b/c": 3}, pointers=[pointer]) == left


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("abcd"), inner, max_size=3),
    max_leaves=12,
)


@given(document=st.dictionaries(st.sampled_from("abcd"), JSON, max_size=4), key=st.sampled_from("abcd"))
def test_no_secret_survives_and_nothing_else_changes(document: dict[str, Any], key: str) -> None:
    left = redact_document(document, {"properties": {key: SECRET}})
    assert left == {name: REDACTED if name == key else value for name, value in document.items()}
    assert redact_document(document, {"properties": {key: {}}}) == document


class Answers:
    async def execute(self, _: ToolCall) -> Success:
        return Success(result={"token": "s3cret", "name": "n"})


@pytest.mark.parametrize(
    "config",
    [{"redact": ["/token"]}, {"output_schema": {"properties": {"token": SECRET}}}],
    ids=lambda c: next(iter(c)),
)
async def test_a_result_is_redacted_before_it_is_stored(config: dict[str, Any]) -> None:
    async with Tools(concurrency=1) as tools:
        tools._providers["http"] = Answers()  # noqa: SLF001  # any provider will do
        outcome = await tools.execute(a_call(a_tool(config=config)))
    assert outcome == Success(result={"token": REDACTED, "name": "n"})
