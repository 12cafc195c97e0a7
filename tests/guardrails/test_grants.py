"""What a grant covers: in doubt, nothing."""

from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from services.catalog import ToolStatus
from services.envelope import Risk
from services.grants import Grant
from services.guardrails import Decision, Policy
from services.guardrails.grants import find_grant
from services.guardrails.judge import Judgement, judge, strictest
from services.pauses import Pause, PauseKind
from tests.builders import HOUR, NOW, TENANT, a_policy, a_tool, an_account, an_envelope

BELOW = {"argument": "amount", "below": 100}
LINES = {"argument": "lines.amount", "below": 100}


def a_grant(**overrides: Any) -> Grant:
    grant = Grant(
        tenant_id=TENANT, id=uuid4(), tools="SLACK__*", issued_at=NOW, issued_by="maria", expires_at=NOW + HOUR
    )
    return replace(grant, **overrides)


def covers(grant: Grant, **envelope: Any) -> bool:
    policy = a_policy(grants=(grant,), trust_threshold=0.8)
    return find_grant(an_envelope(**envelope), a_tool(), None, policy, NOW) is grant


def judged(policy: Policy, *, tool: Any = None, **envelope: Any) -> Judgement:
    return judge(an_envelope(**envelope), tool or a_tool(), policy, NOW)


@pytest.mark.parametrize(("arguments", "is_covered"), [
    ({"amount": 99}, True), ({"amount": 99.5}, True), ({"amount": 100}, False), ({"amount": "99"}, False),
    ({"amount": True}, False), ({"amount": None}, False), ({"amount": {}}, False), ({}, False), ({"Amount": 1}, False),
    ({"amount": [1, 2]}, True), ({"amount": [1, 200]}, False), ({"amount": []}, False), ({"amount": [1, "2"]}, False),
])  # fmt: skip
def test_every_value_must_pass_and_there_must_be_one(arguments: dict[str, Any], is_covered: bool) -> None:
    assert covers(a_grant(arguments=(BELOW,)), arguments=arguments) is is_covered


@pytest.mark.parametrize(("lines", "is_covered"), [
    ([{"amount": 1}, {"amount": 2}], True), ([{"amount": 1}, {"amount": 200}], False),
    ([{"amount": 1}, {"total": 200}], False), ([{"amount": 1}, "x"], False), ({"amount": 1}, True), ([], False),
])  # fmt: skip
def test_every_element_of_a_list_must_have_the_value(lines: Any, is_covered: bool) -> None:
    assert covers(a_grant(arguments=(LINES,)), arguments={"lines": lines}) is is_covered


def test_all_conditions_must_hold() -> None:
    grant = a_grant(arguments=(BELOW, {"argument": "currency", "one_of": ["EUR"]}))
    assert covers(grant, arguments={"amount": 1, "currency": "EUR"})
    assert not covers(grant, arguments={"amount": 1, "currency": "USD"})


@pytest.mark.parametrize(("grant", "is_covered"), [
    ({}, True), ({"tools": "SLACK__chat.post"}, True), ({"tools": "SLACK__chat"}, False),
    ({"tools": "slack__*"}, False),
    ({"expires_at": NOW}, False), ({"revoked_at": NOW, "revoked_by": "olga"}, False),
    ({"account_id": uuid4()}, False), ({"unreadable": "arguments is not a list"}, False),
    ({"arguments": ({"argument": "text", "like": "h%"},)}, False),
])  # fmt: skip
def test_only_an_open_grant_for_this_tool_and_account_covers_a_call(grant: dict[str, Any], is_covered: bool) -> None:
    assert covers(a_grant(**grant)) is is_covered


def test_a_grant_is_for_exactly_one_account_or_for_calls_without_one() -> None:
    account, other = an_account(), an_account()
    policy = a_policy(grants=(a_grant(account_id=account.id),), accounts=(account, other))
    named = an_envelope(connected_account_id=str(account.id))
    assert find_grant(named, a_tool(), account, policy, NOW) is policy.grants[0]
    assert find_grant(an_envelope(), a_tool(), account, policy, NOW) is policy.grants[0]
    assert find_grant(an_envelope(), a_tool(), other, policy, NOW) is None
    assert find_grant(an_envelope(), a_tool(), None, policy, NOW) is None
    assert find_grant(named, a_tool(), account, replace(policy, grants=(a_grant(),)), NOW) is None


def test_nobody_lets_their_own_calls_go() -> None:
    assert not covers(a_grant(), proposed_by="user:maria")
    assert not covers(a_grant(), proposed_by="agent:maria")
    assert covers(a_grant(), proposed_by="agent:bot")


def test_no_grant_stands_for_two_people_nor_for_rules_that_cannot_be_read() -> None:
    grant = a_grant()
    for rules, is_covered in (({"two_people": ["low"]}, True), ({"two_people": ["high"]}, False), ({"x": 1}, False)):
        policy = a_policy(grants=(grant,), approval_rules=rules)
        assert (find_grant(an_envelope(risk=Risk.HIGH), a_tool(), None, policy, NOW) is grant) is is_covered


def test_two_people_are_demanded_for_the_risk_of_the_tool_too() -> None:
    policy = a_policy(grants=(a_grant(),), approval_rules={"two_people": ["high"]})
    assert find_grant(an_envelope(risk=Risk.LOW), a_tool(risk=Risk.HIGH), None, policy, NOW) is None


def test_a_call_that_was_changed_after_its_approval_is_not_covered() -> None:
    assert not covers(a_grant(), approved_digest="d" * 64)


def test_arguments_that_take_too_long_to_look_through_are_not_covered() -> None:
    grants = tuple(a_grant(arguments=({"argument": "a", "below": 0},)) for _ in range(100))
    envelope = an_envelope(arguments={"a": [[-1] * 500 + [1]]})
    last = a_grant()
    assert find_grant(envelope, a_tool(), None, a_policy(grants=(*grants, last)), NOW) is None
    assert find_grant(envelope, a_tool(), None, a_policy(grants=(*grants[:30], last)), NOW) is last


def test_a_grant_satisfies_trust_and_rules_and_is_named() -> None:
    grant = a_grant()
    policy = a_policy(grants=(grant,), trust_threshold=0.8, approval_rules={"require": [{"tools": "SLACK__*"}]})
    judgement = judged(policy)
    verdicts = {verdict.guardrail: verdict for verdict in judgement.verdicts}
    assert (judgement.grant, strictest(judgement.verdicts).decision) == (grant, Decision.ALLOW)
    for guardrail in ("trust", "rules"):
        assert f"grant {grant.id}, issued by maria, replaces it" in verdicts[guardrail].reason


def test_a_call_that_needs_no_approval_uses_no_grant() -> None:
    assert judged(a_policy(grants=(a_grant(),))).grant is None


def test_a_grant_satisfies_no_other_guardrail() -> None:
    pause = Pause(
        tenant_id=TENANT, kind=PauseKind.TOOL, target="SLACK__chat.post", started_at=NOW, started_by="olga",
        changed_at=NOW,
    )  # fmt: skip
    asked: dict[str, Any] = {"grants": (a_grant(),), "trust_threshold": 0.8}
    quarantined = a_tool(status=ToolStatus.QUARANTINED, drift=("new: …",))
    scoped = a_tool(required_scopes=("SLACK.CHAT:WRITE",))
    for policy, tool, decision in (
        (a_policy(**asked, pauses=(pause,)), None, Decision.HOLD),
        (a_policy(**asked, paused_at=NOW - timedelta(hours=1)), None, Decision.HOLD),
        (a_policy(**asked, require_evidence=True), None, Decision.DENY),
        (a_policy(**asked), quarantined, Decision.NEEDS_APPROVAL),
        (a_policy(**asked, scopes={"allowed": ["GMAIL"]}), scoped, Decision.DENY),
    ):
        judgement = judged(policy, tool=tool)
        assert strictest(judgement.verdicts).decision is decision, (decision, judgement)


def test_an_approval_of_a_new_tool_names_every_reason_whatever_grants_there_are() -> None:
    tool = a_tool(status=ToolStatus.QUARANTINED, drift=("new: …",))
    judgement = judged(a_policy(grants=(a_grant(),), trust_threshold=0.8), tool=tool)
    asking = [v.guardrail for v in judgement.verdicts if v.decision is Decision.NEEDS_APPROVAL]
    assert (asking, judgement.grant) == (["tool", "trust"], None)
