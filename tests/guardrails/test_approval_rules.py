"""Approval rules, which apply whatever the trust score is."""

import re
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from services.approvals.digest import call_digest
from services.envelope import Risk
from services.errors import InvalidInput
from services.guardrails import Decision, GuardrailSettings
from services.guardrails.approval_rules import judge_rules, matches_pattern
from services.guardrails.judge import judge
from services.guardrails.validate import guardrails_schema, parse_settings
from tests.builders import NOW, TENANT, a_policy, a_tool, an_account, an_envelope

REFUND = {"tool_slug": "STRIPE__refund", "risk": Risk.HIGH, "arguments": {"amount": 1500, "order": {"currency": "EUR"}}}


def asks(rule: dict[str, Any], **envelope: Any) -> bool:
    settings = parse_settings(TENANT, {"approval_rules": {"require": [rule]}})
    return judge_rules(an_envelope(**{**REFUND, **envelope}), settings).decision is Decision.NEEDS_APPROVAL


@pytest.mark.parametrize(("rule", "matches"), [
    ({"tools": "*"}, True), ({"tools": "STRIPE__*"}, True), ({"tools": "STRIPE__refund"}, True),
    ({"tools": "STRIPE__ref"}, False), ({"tools": "S.RIPE__*"}, False),
    ({"risks": ["high"]}, True), ({"risks": ["low", "medium"]}, False),
    ({"account": "acct-1"}, False),
    ({"arguments": [{"argument": "amount", "above": 1000}]}, True),
    ({"arguments": [{"argument": "amount", "above": 1500}]}, False),
    ({"arguments": [{"argument": "amount", "below": 1000}]}, False),
    ({"arguments": [{"argument": "order.currency", "equals": "EUR"}]}, True),
    ({"arguments": [{"argument": "order.currency", "one_of": ["USD", "GBP"]}]}, False),
    ({"arguments": [{"argument": "price", "above": 1}]}, False),
    ({"arguments": [{"argument": "amount", "above": 1000}, {"argument": "order.currency", "equals": "USD"}]}, False),
])  # fmt: skip
def test_a_rule_requires_an_approval_if_all_its_fields_match(rule: dict[str, Any], matches: bool) -> None:
    assert asks(rule) is matches


def test_an_amount_that_cannot_be_compared_requires_an_approval_also_in_a_list() -> None:
    rule = {"arguments": [{"argument": "lines.amount", "above": 1000}]}
    for lines in ([{"amount": 1}, {"amount": 2000}], [{"amount": "2000"}], {"amount": True}, [[{"amount": None}]]):
        assert asks(rule, arguments={"lines": lines})
    assert not asks(rule, arguments={"lines": [{"amount": 1}, {"amount": 1000}]})


def test_a_rule_names_an_account_by_its_id_even_if_the_envelope_names_none() -> None:
    account = an_account(id=uuid4())
    settings = GuardrailSettings(tenant_id=TENANT, approval_rules={"require": [{"account": str(account.id)}]})
    assert judge_rules(an_envelope(), settings, a_tool(), account).decision is Decision.NEEDS_APPROVAL
    assert judge_rules(an_envelope(), settings, a_tool(), None).decision is Decision.ALLOW


def test_a_rule_allows_an_approved_call_and_ignores_the_trust_score() -> None:
    rules = {"require": [{"tools": "*"}]}
    envelope, tool = an_envelope(trust_context={"score": 1}), a_tool()
    policy = a_policy(approval_rules=rules)
    asked = [v for v in judge(envelope, tool, policy, NOW).verdicts if v.decision is Decision.NEEDS_APPROVAL]
    assert [(v.guardrail, v.reason) for v in asked] == [
        ("rules", "approval_rules.require[0] applies to the call: a person has to approve it.")
    ]
    approved = an_envelope(id=envelope.id, approved_digest=call_digest(envelope, tool))
    assert judge_rules(approved, policy.settings, tool).decision is Decision.ALLOW
    other = an_envelope(id=envelope.id, approved_digest=call_digest(envelope, tool), arguments={"text": "bye"})
    assert judge_rules(other, policy.settings, tool).decision is Decision.NEEDS_APPROVAL


def test_unreadable_rules_require_an_approval() -> None:
    settings = GuardrailSettings(tenant_id=TENANT, approval_rules={"require": [{"tols": "*"}]})
    verdict = judge_rules(an_envelope(), settings)
    assert verdict.decision is Decision.NEEDS_APPROVAL
    assert "approval_rules.require[0].tols: is not known" in verdict.reason


BAD: list[tuple[Any, str]] = [
    ([], 'approval_rules: must be an object such as {"two_people": ["high"], "require": [{"tools": "STRIPE__*"}]}'),
    ({"two_people": "high"}, 'approval_rules.two_people: must be a list such as ["high"]'),
    ({"two_people": ["huge"]}, "approval_rules.two_people[0]: is not a risk; use low, medium, high"),
    ({"require": [{}]}, 'approval_rules.require[0]: is empty; write {"tools": "*"} to require an approval'),
    ({"require": [{"tools": "a b"}]}, "approval_rules.require[0].tools: is not a tool; write a slug such as"),
    ({"require": [{"arguments": [{"argument": "amount"}]}]}, "approval_rules.require[0].arguments[0]: needs exactly"),
    (
        {"require": [{"arguments": [{"argument": "amount", "above": "1000"}]}]},
        "approval_rules.require[0].arguments[0].above: must be a number, such as 1000",
    ),
    ({"require": [{"arguments": [{"above": 1}]}]}, "approval_rules.require[0].arguments[0].argument: must be the path"),
    ({"require": [{"tools": "*"}] * 101}, "approval_rules.require: has 101 rules; write at most 100"),
]  # fmt: skip


@pytest.mark.parametrize(("rules", "problem"), BAD)
def test_a_refusal_names_the_path_and_the_remedy(rules: Any, problem: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        parse_settings(TENANT, {"approval_rules": rules})
    assert str(refused.value).startswith(problem)


def test_the_json_schema_describes_the_rules() -> None:
    validator = Draft202012Validator(guardrails_schema())
    good = {"two_people": ["high"], "require": [{"tools": "STRIPE__*", "arguments": [{"argument": "a", "above": 1}]}]}
    assert validator.is_valid({"approval_rules": good})
    assert not validator.is_valid({"approval_rules": {"two_people": ["huge"]}})


@given(pattern=st.text("ab*", max_size=12), slug=st.text("ab", max_size=12))
def test_a_star_stands_for_any_characters(pattern: str, slug: str) -> None:
    expected = re.fullmatch(".*".join(map(re.escape, pattern.split("*"))), slug, re.DOTALL) is not None
    assert matches_pattern(pattern, slug) == expected


def test_a_pattern_of_many_stars_takes_no_longer_than_another() -> None:
    """The match of this pattern as a regular expression would not end."""
    assert not matches_pattern("*a" * 127 + "b", "a" * 255)


def test_too_many_values_to_test_require_an_approval() -> None:
    condition = {"argument": "items.price", "above": 10}
    items = [{"price": 1}] * 5000

    assert not asks({"arguments": [condition]}, arguments={"items": items[:100]})
    verdict = judge_rules(
        an_envelope(arguments={"items": items}),
        GuardrailSettings(tenant_id=TENANT, approval_rules={"require": [{"arguments": [condition]}] * 100}),
    )
    assert verdict.decision is Decision.NEEDS_APPROVAL
    assert "too many conditions" in verdict.reason


def _nested(levels: int) -> Any:
    inner: Any = 1
    for _ in range(levels):
        inner = [inner]
    return inner


@pytest.mark.parametrize("document", [{"require": 2**70}, {"require": _nested(300)}])
def test_rules_that_json_cannot_express_require_an_approval(document: dict[str, Any]) -> None:
    verdict = judge_rules(an_envelope(), GuardrailSettings(tenant_id=TENANT, approval_rules=document))
    assert (verdict.decision, "cannot be read" in verdict.reason) == (Decision.NEEDS_APPROVAL, True)


@pytest.mark.parametrize(("risk", "of_tool"), [(Risk.LOW, Risk.HIGH), (Risk.HIGH, Risk.LOW), (Risk.HIGH, None)])
def test_a_rule_about_risks_goes_by_the_higher_of_envelope_and_tool(risk: Risk, of_tool: Risk | None) -> None:
    settings = parse_settings(TENANT, {"approval_rules": {"require": [{"risks": ["high"]}]}})
    tool = None if of_tool is None else a_tool(risk=of_tool)
    assert judge_rules(an_envelope(risk=risk), settings, tool).decision is Decision.NEEDS_APPROVAL
    assert judge_rules(an_envelope(risk=Risk.MEDIUM), settings, a_tool(risk=Risk.MEDIUM)).decision is Decision.ALLOW
