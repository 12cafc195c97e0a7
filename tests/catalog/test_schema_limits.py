"""Applying a schema from outside takes a limited time, whatever it contains."""

import time
from typing import Any

import pytest

from services.catalog.arguments import argument_problems
from services.catalog.schema_limits import MAX_SECONDS, CostlySchema, find_violations, schema_problem
from tests.builders import a_tool

FAN_OUT = {
    "$ref": "#/$defs/d0",
    "$defs": {f"d{n}": {"allOf": [{"$ref": f"#/$defs/d{n + 1}"}] * 2} for n in range(40)}
    | {"d40": {"type": "integer"}},
}
PART_OF_ANOTHER_DRAFT = {
    "properties": {"x": {"$schema": "http://json-schema.org/draft-07/schema#", "allOf": [{"$ref": "#/$defs/d0"}]}},
    "$defs": FAN_OUT["$defs"],
}


@pytest.mark.parametrize(
    "schema",
    [FAN_OUT, {**FAN_OUT, "$schema": "https://json-schema.org/draft/2019-09/schema"}, PART_OF_ANOTHER_DRAFT],
)
def test_references_that_fan_out_end_at_the_limit(schema: dict[str, Any]) -> None:
    began = time.thread_time()
    with pytest.raises(CostlySchema):
        find_violations(schema, {"x": 1})
    assert time.thread_time() - began < 4 * MAX_SECONDS


BACKTRACKS = "^(a|a)*$"
NEVER_MATCHED = "a" * 60 + "!"


@pytest.mark.parametrize(
    ("schema", "document"),
    [
        ({"pattern": BACKTRACKS}, NEVER_MATCHED),
        ({"propertyNames": {"pattern": BACKTRACKS}}, {NEVER_MATCHED: 1}),
        ({"patternProperties": {BACKTRACKS: True}}, {NEVER_MATCHED: 1}),
        ({"patternProperties": {BACKTRACKS: True}, "additionalProperties": False}, {NEVER_MATCHED: 1}),
        ({"allOf": [{"patternProperties": {BACKTRACKS: True}}], "unevaluatedProperties": False}, {NEVER_MATCHED: 1}),
        ({"pattern": "(a{1000}){1000}b"}, "a"),
        ({"pattern": "a" * 5_000}, "a"),
    ],
)
def test_a_pattern_that_backtracks_or_grows_ends_at_the_limit(schema: dict[str, Any], document: Any) -> None:
    began = time.thread_time()
    with pytest.raises(CostlySchema):
        find_violations(schema, document)
    assert time.thread_time() - began < 4 * MAX_SECONDS


ZOD_EMAIL = r"^(?!\.)(?!.*\.\.)([A-Za-z0-9_'+\-\.]*)[A-Za-z0-9_+-]@([A-Za-z0-9][A-Za-z0-9\-]*\.)+[A-Za-z]{2,}$"
"""A pattern with lookaheads, as MCP servers in TypeScript have it."""


def test_patterns_of_real_servers_are_applied() -> None:
    assert find_violations({"pattern": ZOD_EMAIL}, "ada@example.com") == []
    assert len(find_violations({"pattern": ZOD_EMAIL}, "ada..b@example.com")) == 1
    assert find_violations({"pattern": r"^arn:aws:[\w+=,.@-]{20,2048}$"}, "arn:aws:" + "x" * 2000) == []
    assert schema_problem({"properties": {"email": {"pattern": ZOD_EMAIL}}}) is None


@pytest.mark.parametrize(
    ("names", "unexpected"),
    [(["x_a", "b"], []), (["x_a", "b", "c"], ["c"]), (["bb", "ax_"], ["ax_", "bb"])],
)
def test_properties_that_no_pattern_matches_are_additional(names: list[str], unexpected: list[str]) -> None:
    schema = {"properties": {"b": True}, "patternProperties": {"^x_": {"type": "integer"}}}
    document = dict.fromkeys(names, 1)
    messages = [error.message for error in find_violations({**schema, "additionalProperties": False}, document)]
    assert [name for name in sorted(names) if any(repr(name) in message for message in messages)] == unexpected
    paths = [
        error.path[-1] for error in find_violations({**schema, "additionalProperties": {"type": "null"}}, document)
    ]
    assert paths == unexpected
    assert [error.path[0] for error in find_violations(schema, {"x_a": "no", "c": "no"})] == ["x_a"]


@pytest.mark.parametrize(
    ("schema", "problem"),
    [
        ({"type": "object", "properties": {"a": {"type": "strng"}}}, "is not a JSON Schema"),
        ({"$schema": "http://json-schema.org/draft-04/schema#", "enum": [0, []] * 8_000}, "is not a JSON Schema"),
        ({"required": [0, []] * 8_000}, "is not a JSON Schema"),
        ({"properties": {"a": {"pattern": "("}}}, "is not a JSON Schema: a pattern is no regular expression"),
        ({"items": [{"patternProperties": {"a{99999999}": True}}], "$schema": "http://json-schema.org/draft-07/schema#"},
         "takes too long to check: a pattern that repeats a part too many times"),
        ({"properties": {"a": {"enum": [{"pattern": "("}], "default": {"pattern": "("}}}}, None),
    ],
)  # fmt: skip
def test_a_schema_is_checked_in_limited_time(schema: dict[str, Any], problem: str | None) -> None:
    began = time.thread_time()
    found = schema_problem(schema)
    assert (found is None) if problem is None else (found or "").startswith(problem)
    assert time.thread_time() - began < 4


def test_unique_items_take_linear_time() -> None:
    began = time.thread_time()
    [violation] = find_violations(
        {"properties": {"a": {"uniqueItems": True}}}, {"a": [{"b": n} for n in range(5_000)] * 2}
    )
    assert list(violation.absolute_path) == ["a"]
    assert time.thread_time() - began < 4 * MAX_SECONDS


@pytest.mark.parametrize("document", [list(range(8_000)), [{"id": n, "name": f"row {n}"} for n in range(1_500)]])
def test_long_arguments_under_an_ordinary_schema_are_within_the_limit(document: list[Any]) -> None:
    row = {"required": ["id"], "properties": {"id": {"type": "integer"}, "name": {"type": "string", "pattern": "^row"}}}
    assert find_violations({"type": "array", "items": row}, document) == []


def test_unique_items_tell_true_from_1_but_not_1_from_1_0() -> None:
    assert find_violations({"uniqueItems": True}, [1, True, "1", [1], {"a": 1}]) == []
    assert len(find_violations({"uniqueItems": True}, [{"a": [1]}, {"a": [1.0]}])) == 1


def test_a_proposal_by_a_costly_schema_names_the_tools_schema() -> None:
    tool = a_tool(schema=FAN_OUT)
    assert list(argument_problems(tool, {})) == [
        ("tool_slug", f"the catalog's schema of {tool.tool_slug} takes too long to apply")
    ]
