"""Forms from a JSON Schema: what is typed becomes the document, and the document what would have been typed."""

from typing import Any
from uuid import uuid4

import pytest

from control_plane.console.schema_form import (
    Input,
    add_element,
    fields_of,
    remove_element,
    typed_from,
    typed_in,
    whole_document,
)
from control_plane.console.schema_shape import shape_of
from services.guardrails import GuardrailSettings
from services.guardrails.validate import guardrails_schema, parse_settings

SHAPE = shape_of(guardrails_schema())
TENANT = uuid4()
DEFAULTS = GuardrailSettings(tenant_id=TENANT).document
DOCUMENTS: list[dict[str, Any]] = [
    {},
    {"quiet_hours": {"start": 22, "end": "06:30", "time_zone": "Europe/Berlin"}, "trust_threshold": 0.7},
    {"quiet_hours": {
        "time_zone": "Europe/Berlin", "holidays": ["2026-12-25"],
        "windows": [{"days": ["sat", "sun"], "start": 0, "end": 24}, {"start": 1, "end": 2}],
    }},
    {"scopes": {"allowed": ["GMAIL", "SLACK.CHAT:WRITE"]}, "require_evidence": True, "evidence_max_age": 86_400},
    {"rate_limits": {"slack.minute": {"limit": 20, "per_seconds": 60}, "mail": {"limit": 1, "per_seconds": 5}}},
    {"approval_rules": {"two_people": ["high"], "require": [
        {"tools": "STRIPE__*", "risks": ["low"], "arguments": [
            {"argument": "amount", "above": 100.5}, {"argument": "id", "equals": "007"},
            {"argument": "flag", "equals": True}, {"argument": "to", "one_of": ["a b", "1", 2, "true", False]},
        ]}, {"account": "main"},
    ]}},
    {"approval_reminders": {"default": [{"after_seconds": 60, "escalate_to": "owner"}], "high": []}},
]  # fmt: skip


@pytest.mark.parametrize("document", DOCUMENTS)
def test_a_document_survives_its_form(document: dict[str, Any]) -> None:
    whole = parse_settings(TENANT, document).document
    assert whole_document(SHAPE, typed_from(SHAPE, whole)) == whole


def test_an_empty_form_has_the_defaults() -> None:
    assert whole_document(SHAPE, {}) == DEFAULTS


def test_the_second_name_of_the_time_zone_becomes_the_first() -> None:
    typed = typed_from(SHAPE, {"quiet_hours": {"start": 1, "end": 2, "timezone": "Asia/Tokyo"}})
    assert whole_document(SHAPE, typed)["quiet_hours"] == {"start": 1, "end": 2, "time_zone": "Asia/Tokyo"}


def test_names_with_dots_are_nested_and_elements_are_added_and_removed() -> None:
    form = [
        ("do", "add:a.rules"),
        ("a.rules.0.tool", "T"),
        ("a.rules.3.tool", "U"),
        ("a.days[]", "mon"),
        ("a.days[]", "tue"),
    ]
    typed = typed_in(form)
    assert typed == {
        "do": "add:a.rules", "a": {"rules": {"0": {"tool": "T"}, "3": {"tool": "U"}}, "days": ["mon", "tue"]},
    }  # fmt: skip
    add_element(typed, "a.rules")
    remove_element(typed, "a.rules.0")
    remove_element(typed, "a.rules.9")
    add_element(typed, "a.others")
    assert (typed["a"]["rules"], typed["a"]["others"]) == ({"3": {"tool": "U"}, "4": {}}, {"0": {}})


@pytest.mark.parametrize("names", [
    ["a", "a.b"], ["a.b", "a"], ["a", "a[]"], ["a[]", "a"], ["a[]", "a.b"],
    ["a.0", "a.0.b", ".", "..", "a..b"], list(DEFAULTS), [f"{name}[]" for name in DEFAULTS],
    [f"{name}.0" for name in DEFAULTS], ["approval_rules.require"],
    ["approval_rules.require.0", "approval_rules.two_people"], ["approval_rules.require.none"],
    ["approval_rules.require.0.arguments.x.one_of[]"], ["quiet_hours.variant[]"],
])  # fmt: skip
def test_a_form_that_no_page_sends_breaks_nothing(names: list[str]) -> None:
    typed = typed_in([(name, "x") for name in names])
    assert isinstance(whole_document(SHAPE, typed), dict)
    fields_of(SHAPE, typed, {})
    add_element(typed, "approval_rules.require")
    remove_element(typed, "approval_rules.require.0.x")
    assert isinstance(whole_document(SHAPE, typed), dict)


def test_problems_stand_at_their_fields_also_of_elements_and_maps() -> None:
    typed: Input = {
        "rate_limits": {"0": {"key": "slack.minute", "limit": "0", "per_seconds": "x"}},
        "approval_rules": {"require": {"0": {"tools": "A"}, "5": {"arguments": {"2": {"argument": "a"}}}}},
        "quiet_hours": {"variant": "0", "start": "25"},
    }
    problems = {
        "rate_limits.slack.minute.limit": "one", "approval_rules.require[1].arguments[0]": "two",
        "quiet_hours.start": "three", "nowhere": "four",
    }  # fmt: skip
    fields = fields_of(SHAPE, typed, problems, name="settings")

    def found(field: Any) -> list[tuple[str, str]]:
        own = [(field.name, field.problem)] if field.problem else []
        return own + [each for inner in field.fields for each in found(inner)]

    assert sorted(found(fields)) == [
        ("settings.approval_rules.require.5.arguments.2", "two"), ("settings.quiet_hours.start", "three"),
        ("settings.rate_limits.0.limit", "one"),
    ]  # fmt: skip
    assert problems.keys() - fields.paths() == {"nowhere"}


@pytest.mark.parametrize("text", ["NaN", "1e999", "[1]", "{}", "1.0000000000000000001"])
def test_a_number_that_is_none_stays_for_validation_to_refuse(text: str) -> None:
    assert whole_document(SHAPE, {"trust_threshold": text})["trust_threshold"] is not None
