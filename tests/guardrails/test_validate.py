"""Guardrail settings are checked completely when they are written."""

import re
from math import inf, nan
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from services.errors import InvalidInput
from services.guardrails import GuardrailSettings
from services.guardrails.validate import guardrails_schema, parse_settings
from tests.builders import TENANT


def test_empty_settings_are_the_defaults() -> None:
    assert parse_settings(TENANT, {}) == GuardrailSettings(tenant_id=TENANT)


def test_every_setting_is_kept_and_rate_limits_get_their_long_form() -> None:
    quiet = {"time_zone": "Europe/Berlin", "windows": [{"days": ["mon"], "start": 22, "end": "06:00"}]}
    raw = {
        "quiet_hours": quiet,
        "trust_threshold": 1,
        "scopes": {"allowed": ["GMAIL", "SLACK.CHAT:WRITE"]},
        "require_evidence": True,
        "rate_limits": {
            "slack.minute": 20,
            "email.daily": 200,
            "crm.second": 5,
            "crm.hour": 6,
            "crm.DAY": 7,
            "minute": 8,
            "tickets.api": {"limit": 100, "per_seconds": 10},
        },
    }
    assert parse_settings(TENANT, raw) == GuardrailSettings(
        tenant_id=TENANT,
        quiet_hours=quiet,
        trust_threshold=1.0,
        scopes={"allowed": ["GMAIL", "SLACK.CHAT:WRITE"]},
        require_evidence=True,
        rate_limits={
            "slack.minute": {"limit": 20, "per_seconds": 60},
            "email.daily": {"limit": 200, "per_seconds": 86_400},
            "crm.second": {"limit": 5, "per_seconds": 1},
            "crm.hour": {"limit": 6, "per_seconds": 3600},
            "crm.DAY": {"limit": 7, "per_seconds": 86_400},
            "minute": {"limit": 8, "per_seconds": 60},
            "tickets.api": {"limit": 100, "per_seconds": 10},
        },
    )


def test_reading_validated_settings_again_changes_nothing() -> None:
    once = parse_settings(TENANT, {"rate_limits": {"email.daily": 200}, "scopes": {"allowed": []}})
    assert once == parse_settings(TENANT, {"rate_limits": once.rate_limits, "scopes": once.scopes})


@pytest.mark.parametrize(
    ("raw", "field", "remedy"),
    [
        ({"trust_treshold": 1}, "trust_treshold", "use quiet_hours, trust_threshold"),
        ({"trust_threshold": 1.01}, "trust_threshold", "from 0"),
        ({"trust_threshold": -0.01}, "trust_threshold", "from 0"),
        ({"trust_threshold": nan}, "trust_threshold", "from 0"),
        ({"trust_threshold": inf}, "trust_threshold", "from 0"),
        ({"trust_threshold": True}, "trust_threshold", "from 0"),
        ({"trust_threshold": "0.5"}, "trust_threshold", "from 0"),
        ({"trust_threshold": None}, "trust_threshold", "from 0"),
        ({"require_evidence": 1}, "require_evidence", "true or false"),
        ({"require_evidence": "false"}, "require_evidence", "true or false"),
        ({"scopes": ["SLACK"]}, "scopes", '{"allowed": ['),
        ({"scopes": {"allow": []}}, "scopes.allow", "use allowed"),
        ({"scopes": {"allowed": "SLACK"}}, "scopes.allowed", "must be a list"),
        ({"scopes": {"allowed": ["GMAIL", 1]}}, "scopes.allowed[1]", "is not a scope"),
        ({"scopes": {"allowed": [""]}}, "scopes.allowed[0]", "is not a scope"),
        ({"scopes": {"allowed": ["SLACK.*"]}}, "scopes.allowed[0]", "it covers all its scopes"),
        ({"scopes": {"allowed": ["SLACK, GMAIL"]}}, "scopes.allowed[0]", "is not a scope"),
        ({"quiet_hours": {"windows": [{"start": "9pm", "end": 6}]}}, "quiet_hours.windows[0].start", '"22:30"'),
        ({"quiet_hours": None}, "quiet_hours", "must be an object"),
        ({"rate_limits": [20]}, "rate_limits", "must be an object"),
        ({"rate_limits": {"tickets.api": 20}}, "rate_limits.tickets.api", '{"limit": 20, "per_seconds": 60}'),
        ({"rate_limits": {"slack.minute": 0}}, "rate_limits.slack.minute", "from 1"),
        ({"rate_limits": {"slack.minute": -1}}, "rate_limits.slack.minute", "from 1"),
        ({"rate_limits": {"slack.minute": 1.5}}, "rate_limits.slack.minute", "whole number"),
        ({"rate_limits": {"slack.minute": True}}, "rate_limits.slack.minute", "whole number"),
        ({"rate_limits": {"slack.minute": 2**31}}, "rate_limits.slack.minute", "2147483647"),
        ({"rate_limits": {"": 1}}, "rate_limits.", "is not a bucket"),
        ({"rate_limits": {"slack minute": 1}}, "rate_limits.slack minute", "is not a bucket"),
        ({"rate_limits": {"x.y": {"limit": 1}}}, "rate_limits.x.y.per_seconds", "whole number"),
        ({"rate_limits": {"x.y": {"limit": "1", "per_seconds": 1}}}, "rate_limits.x.y.limit", "whole number"),
        ({"rate_limits": {"x.y": {"limit": 1, "per": 1}}}, "rate_limits.x.y.per", "use limit, per_seconds"),
    ],
)
def test_an_invalid_setting_is_refused_with_path_and_remedy(raw: Any, field: str, remedy: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        parse_settings(TENANT, raw)
    assert refused.value.field == field
    assert remedy in str(refused.value)


def test_unknown_fields_hide_no_other_problem() -> None:
    raw = {"zzz": 1, "trust_threshold": 2, "quiet_hours": {"start": 25, "end": 6, "zone": "UTC"}, "yyy": 1}
    with pytest.raises(InvalidInput) as refused:
        parse_settings(TENANT, raw)
    places = ["zzz", "yyy", "quiet_hours.zone", "quiet_hours.start", "trust_threshold"]
    assert refused.value.field == places[0]
    assert re.findall(r"(?:^|; )([a-z_.]+): ", str(refused.value)) == places


def test_all_problems_are_named_in_one_refusal() -> None:
    with pytest.raises(InvalidInput) as refused:
        parse_settings(TENANT, {"trust_threshold": 2, "rate_limits": {"x.hour": 0}, "scopes": {"allowed": ["*"]}})
    assert str(refused.value) == (
        "trust_threshold: must be a number from 0 (trust everyone) to 1; "
        "scopes.allowed[0]: * is not a scope; write a toolkit such as GMAIL (it covers all its scopes) or one scope; "
        "rate_limits.x.hour: must be a whole number from 1 to 2147483647"
    )


WRITTEN: list[dict[str, Any]] = [
    {},
    {"quiet_hours": {"start": 22, "end": "06:30", "time_zone": "Europe/Berlin"}},
    {"quiet_hours": {"windows": [{"days": ["mon"], "start": 0, "end": 24}], "holidays": ["2026-12-25"]}},
    {"quiet_hours": {"start": 25, "end": 6}},
    {"quiet_hours": {"windows": [{"start": 1}]}},
    {"trust_threshold": 0.7, "require_evidence": True, "evidence_max_age": 60},
    {"trust_threshold": 1.1},
    {"evidence_max_age": 0},
    {"scopes": {"allowed": ["GMAIL"]}},
    {"scopes": {"allow": []}},
    {"rate_limits": {"slack.minute": 20, "x.y": {"limit": 1, "per_seconds": 5}}},
    {"rate_limits": {"x.y": {"limit": 1}}},
    {"unknown": 1},
]


@pytest.mark.parametrize("written", WRITTEN)
def test_the_json_schema_accepts_and_refuses_the_same_settings(written: dict[str, Any]) -> None:
    taken = True
    try:
        parse_settings(TENANT, written)
    except InvalidInput:
        taken = False
    assert Draft202012Validator(guardrails_schema()).is_valid(written) is taken
