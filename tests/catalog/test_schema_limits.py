"""A schema from outside costs a limited time, whatever it says."""

import time
from typing import Any

import pytest

from services.catalog.arguments import argument_problems
from services.catalog.schema_limits import MAX_SECONDS, CostlySchema, find_violations
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


def test_true_is_no_number_and_one_is_one_point_zero_among_unique_items() -> None:
    assert find_violations({"uniqueItems": True}, [1, True, "1", [1], {"a": 1}]) == []
    assert len(find_violations({"uniqueItems": True}, [{"a": [1]}, {"a": [1.0]}])) == 1


def test_a_proposal_by_a_costly_schema_names_the_tools_schema() -> None:
    tool = a_tool(schema=FAN_OUT)
    assert list(argument_problems(tool, {})) == [
        ("tool_slug", f"the catalog's schema of {tool.tool_slug} takes too long to apply")
    ]
