"""docs/how-to/set-guardrails.md: its examples are accepted, and its counterexamples are refused."""

import json
from dataclasses import fields
from datetime import UTC, datetime, timedelta

import pytest

from services.errors import InvalidInput
from services.guardrails import Decision, GuardrailSettings
from services.guardrails.judge import judge
from services.guardrails.quiet_hours import judge_quiet_hours
from services.guardrails.recheck import RECHECK_AFTER
from services.guardrails.validate import SECONDS_BY_SPAN, parse_settings
from tests.builders import NOW, TENANT, a_policy, a_tool, an_envelope
from tests.docs.pages import DOCS, Block, blocks, section, table

PAGE = DOCS / "how-to" / "set-guardrails.md"
EXAMPLES = list(blocks(PAGE, "json"))


def settings_of(block: Block) -> GuardrailSettings:
    return parse_settings(TENANT, json.loads(block.text))


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: f"line {example.line}")
def test_an_example_is_valid_and_changes_its_field(example: Block) -> None:
    written = settings_of(example)
    [field] = json.loads(example.text)
    if json.loads(example.text)[field]:
        assert getattr(written, field) != getattr(parse_settings(TENANT, {}), field)


def test_every_field_has_an_example() -> None:
    shown = {field for example in EXAMPLES for field in json.loads(example.text)}
    assert shown == {field.name for field in fields(GuardrailSettings)} - {"tenant_id"}


def test_the_guardrails_are_checked_in_the_order_of_the_table() -> None:
    verdicts = judge(an_envelope(), a_tool(), a_policy(), NOW).verdicts
    assert [row[0] for row in table(PAGE, "Set guardrails")] == [verdict.guardrail for verdict in verdicts]


def test_quiet_hours_hold_until_the_end_of_the_window_in_local_time() -> None:
    nightly, in_new_york, by_weekday, none = [
        settings_of(example) for example in EXAMPLES if "quiet_hours" in json.loads(example.text)
    ]
    night = datetime(2026, 11, 27, 23, tzinfo=UTC)  # a Friday
    assert judge_quiet_hours(nightly, night).until == datetime(2026, 11, 28, 6, tzinfo=UTC)
    assert judge_quiet_hours(in_new_york, night).decision is Decision.ALLOW
    assert judge_quiet_hours(by_weekday, night).until == datetime(2026, 11, 29, 23, tzinfo=UTC)
    assert judge_quiet_hours(by_weekday, datetime(2026, 12, 25, 11, tzinfo=UTC)).decision is Decision.HOLD
    assert judge_quiet_hours(none, night).decision is Decision.ALLOW


def test_the_name_of_a_rate_limit_says_its_span_if_the_value_is_a_number() -> None:
    [example] = [settings_of(e) for e in EXAMPLES if "rate_limits" in json.loads(e.text)]
    assert example.rate_limits["slack.daily"] == {"limit": 500, "per_seconds": 86_400}
    assert all(f"`{span}`" in section(PAGE, "Rate limits") for span in SECONDS_BY_SPAN)


def test_an_empty_list_of_scopes_allows_nothing_and_a_missing_list_allows_everything() -> None:
    nothing, everything = a_policy(scopes={"allowed": []}), a_policy(scopes={})
    assert [
        next(v.decision for v in judge(an_envelope(), a_tool(), policy, NOW).verdicts if v.guardrail == "scopes")
        for policy in (nothing, everything)
    ] == [Decision.DENY, Decision.ALLOW]


def test_a_hold_without_a_date_is_checked_again_after_the_documented_time() -> None:
    assert timedelta(minutes=15) == RECHECK_AFTER
    assert "every 15 minutes" in section(PAGE, "Set guardrails")


@pytest.mark.parametrize(("written", "says"), table(PAGE, "What is refused"))
def test_a_mistake_is_refused_with_the_documented_message(written: str, says: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        parse_settings(TENANT, json.loads(written))
    assert str(refused.value) == says
