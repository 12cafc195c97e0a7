"""Trust: the score, the threshold, and a person's approval of exactly this call."""

from dataclasses import replace
from math import inf, nan
from typing import Any
from uuid import uuid4

import pytest

from services.accounts import Account
from services.approvals.digest import call_digest
from services.envelope import Envelope
from services.guardrails import Decision, Verdict
from services.guardrails.judge import judge, strictest
from tests.builders import NOW, a_policy, a_tool, an_account, an_envelope

ALLOW, NEEDS_APPROVAL, DENY = Decision.ALLOW, Decision.NEEDS_APPROVAL, Decision.DENY


def verdict_of(envelope: Envelope, *, threshold: float) -> Verdict:
    verdicts = judge(envelope, a_tool(), a_policy(trust_threshold=threshold), NOW).verdicts
    return next(verdict for verdict in verdicts if verdict.guardrail == "trust")


@pytest.mark.parametrize(
    ("trust_context", "threshold", "decision"),
    [
        ({}, 0.0, ALLOW),
        ({}, 0.1, NEEDS_APPROVAL),
        ({"score": 0.7}, 0.7, ALLOW),
        ({"score": 0.6999}, 0.7, NEEDS_APPROVAL),
        ({"score": 1}, 1.0, ALLOW),
        ({"score": 0}, 0.0, ALLOW),
        ({"score": 1}, nan, NEEDS_APPROVAL),
    ],
)
def test_a_score_must_reach_the_threshold(trust_context: Any, threshold: float, decision: Decision) -> None:
    assert verdict_of(an_envelope(trust_context=trust_context), threshold=threshold).decision is decision


@pytest.mark.parametrize("score", [nan, inf, -inf, -0.1, 1.1, 10**400, True, "0.9", None, [0.9], {"value": 0.9}])
def test_an_invalid_score_counts_as_0_and_the_reason_says_so(score: Any) -> None:
    envelope = an_envelope(trust_context={"score": score})
    verdict = verdict_of(envelope, threshold=0.1)
    assert verdict.decision is NEEDS_APPROVAL
    assert "trust_context.score is not a number from 0 to 1, which counts as 0" in verdict.reason
    assert verdict_of(envelope, threshold=0.0).decision is ALLOW


def test_a_missing_score_counts_as_0_without_a_complaint() -> None:
    verdict = verdict_of(an_envelope(), threshold=0.5)
    assert verdict.reason == "The trust score 0 is below the threshold 0.5: a person has to approve it."


def test_an_approved_call_may_run() -> None:
    envelope = an_envelope()
    verdict = verdict_of(replace(envelope, approved_digest=call_digest(envelope, a_tool())), threshold=1)
    assert (verdict.decision, verdict.reason) == (ALLOW, "A person approved exactly this call.")


def test_an_approval_is_void_after_the_arguments_changed() -> None:
    envelope = an_envelope()
    edited = replace(envelope, approved_digest=call_digest(envelope, a_tool()), arguments={"channel": "#board"})
    verdict = verdict_of(edited, threshold=1)
    assert verdict.decision is NEEDS_APPROVAL
    assert "its tool or its account was changed after the approval" in verdict.reason


@pytest.mark.parametrize("threshold", [0.0, 1.0])
def test_a_call_that_is_not_the_approved_one_waits_for_a_person_whatever_its_score(threshold: float) -> None:
    envelope = an_envelope(approved_digest="0" * 64, trust_context={"score": 1})
    assert verdict_of(envelope, threshold=threshold).decision is NEEDS_APPROVAL


def test_an_approval_is_void_after_the_account_changed() -> None:
    """An envelope that names no account uses the best one of the tenant."""
    tool, envelope = a_tool(required_scopes=("SLACK.CHAT:WRITE",)), an_envelope()
    support, chief = (an_account(id=uuid4(), scopes=tool.required_scopes, metadata={"composio_id": n}) for n in "sc")
    policy = a_policy(trust_threshold=1, accounts=(support,))
    approved = replace(envelope, approved_digest=call_digest(envelope, tool, support))

    def decision(accounts: tuple[Account, ...]) -> Decision:
        verdicts = judge(approved, tool, replace(policy, accounts=accounts), NOW).verdicts
        return next(verdict.decision for verdict in verdicts if verdict.guardrail == "trust")

    assert decision((support,)) is ALLOW
    assert decision((chief, support)) is NEEDS_APPROVAL
    assert decision((replace(support, metadata={"composio_id": "c"}),)) is NEEDS_APPROVAL


@pytest.mark.parametrize("change", [{"config": {"url": "https://elsewhere.test"}}, {"provider": "mcp"}])
def test_an_approval_is_void_after_the_config_of_its_tool_changed(change: dict[str, Any]) -> None:
    envelope = an_envelope()
    approved = replace(envelope, approved_digest=call_digest(envelope, a_tool()))
    verdicts = judge(approved, a_tool(**change), a_policy(trust_threshold=1), NOW).verdicts
    assert next(verdict.decision for verdict in verdicts if verdict.guardrail == "trust") is NEEDS_APPROVAL


def test_an_approval_does_not_count_for_another_envelope_with_the_same_call() -> None:
    envelope = an_envelope()
    assert (
        verdict_of(an_envelope(approved_digest=call_digest(envelope, a_tool())), threshold=1).decision is NEEDS_APPROVAL
    )


def test_an_approval_overrules_only_the_trust_guardrail() -> None:
    envelope = an_envelope()
    approved = replace(envelope, approved_digest=call_digest(envelope, a_tool()))
    verdict = strictest(judge(approved, a_tool(), a_policy(trust_threshold=1, require_evidence=True), NOW).verdicts)
    assert (verdict.guardrail, verdict.decision) == ("evidence", DENY)
