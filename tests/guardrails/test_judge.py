"""The order of the guardrails, their reasons, and which verdict counts."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest

from services.catalog import NEW_TOOL_DRIFT, ToolStatus
from services.guardrails import Decision, Verdict
from services.guardrails.judge import RateAnswer, judge, strictest
from services.guardrails.recheck import RECHECK_AFTER
from tests.builders import NOW, a_policy, a_tool, an_account, an_envelope

ALLOW, HOLD, NEEDS_APPROVAL, DENY = Decision.ALLOW, Decision.HOLD, Decision.NEEDS_APPROVAL, Decision.DENY
LATER = NOW + timedelta(hours=1)


def verdict_of(guardrail: str, verdicts: tuple[Verdict, ...]) -> Verdict:
    (verdict,) = [verdict for verdict in verdicts if verdict.guardrail == guardrail]
    return verdict


def a_verdict(decision: Decision, *, until: datetime | None = None, guardrail: str = "rate") -> Verdict:
    return Verdict(guardrail=guardrail, decision=decision, reason="", until=until)


@pytest.mark.parametrize(
    ("status", "drift", "decision", "reason"),
    [
        ("active", (), ALLOW, "in the catalog"),
        ("drifted", ("schema: gone",), NEEDS_APPROVAL, "was changed by its provider (schema: gone)"),
        ("quarantined", ("schema: gone",), NEEDS_APPROVAL, "was changed by its provider (schema: gone)"),
        (
            "quarantined", (NEW_TOOL_DRIFT,), NEEDS_APPROVAL,
            "is new at its provider (its source did not offer it before)",
        ),
        ("quarantined", (NEW_TOOL_DRIFT, "gone: A"), NEEDS_APPROVAL, "is new at its provider (gone: A)"),
        ("blocked", ("schema: gone",), DENY, "a person rejected the change"),
        ("rejected", ("schema: gone",), DENY, "a person rejected the change"),
        ("rejected", (NEW_TOOL_DRIFT,), DENY, "is new at its provider, and a person rejected it"),
        ("rejected", (), DENY, "was accepted, and a person rejected it later"),
        ("removed", (), HOLD, "is not offered by its provider now: the envelope waits until it is"),
        ("retired", (NEW_TOOL_DRIFT,), DENY, "was replaced by another version"),
    ],
)  # fmt: skip
def test_the_status_of_a_tool_decides_whether_it_is_called(
    status: str, drift: tuple[str, ...], decision: Decision, reason: str
) -> None:
    tool = a_tool(status=ToolStatus(status), drift=drift, drifted_to="hash")
    verdict = verdict_of("tool", judge(an_envelope(), tool, a_policy(), NOW).verdicts)
    assert (verdict.decision, verdict.until) == (decision, NOW + RECHECK_AFTER if decision is HOLD else None)
    assert reason in verdict.reason


def test_every_guardrail_is_asked_in_order_even_if_the_first_denies() -> None:
    verdicts = judge(
        an_envelope(), a_tool(), a_policy(paused_at=NOW, require_evidence=True, trust_threshold=1), NOW
    ).verdicts
    assert [(verdict.guardrail, verdict.decision) for verdict in verdicts] == [
        ("tool", ALLOW),
        ("paused", HOLD),
        ("account", ALLOW),
        ("scopes", ALLOW),
        ("evidence", DENY),
        ("trust", NEEDS_APPROVAL),
        ("rules", ALLOW),
        ("quiet_hours", ALLOW),
        ("rate", ALLOW),
    ]


def test_the_default_envelope_of_the_test_builders_is_allowed() -> None:
    assert {verdict.decision for verdict in judge(an_envelope(), a_tool(), a_policy(), NOW).verdicts} == {ALLOW}


def test_every_reason_is_one_sentence_without_arguments() -> None:
    envelope = an_envelope(arguments={"token": "s3cret"}, trust_context={"score": "s3cret", "evidence": "s3cret"})
    account = an_account(status="expired", scopes=())
    policy = a_policy(
        accounts=(account,),
        paused_at=NOW,
        require_evidence=True,
        trust_threshold=1,
        quiet_hours={"start": 0, "end": 23},
    )
    tool = a_tool(required_scopes=("SLACK.CHAT:WRITE",), rate_bucket="slack.minute")
    verdicts = judge(envelope, tool, policy, NOW, rate=RateAnswer(granted=False, free_at=LATER)).verdicts
    refusals = [verdict for verdict in verdicts if verdict.decision is not ALLOW]
    assert len(refusals) == 7
    for verdict in refusals:
        assert verdict.reason.endswith(".")
        assert ": " in verdict.reason, "the remedy comes after the colon"
        assert "\n" not in verdict.reason
        assert "s3cret" not in verdict.reason


@pytest.mark.parametrize(
    ("pinned", "tool", "decision"),
    [
        ("1", a_tool(version="1"), ALLOW),
        (None, a_tool(version="7"), ALLOW),
        ("1", a_tool(version="2"), DENY),
        ("1", None, DENY),
        (None, None, DENY),
    ],
)
def test_a_tool_has_to_be_in_the_catalog_in_the_pinned_version(
    pinned: str | None, tool: Any, decision: Decision
) -> None:
    verdict = strictest(judge(an_envelope(tool_version=pinned), tool, a_policy(), NOW).verdicts)
    assert (verdict.guardrail, verdict.decision) == ("tool", decision)


def test_without_a_tool_no_other_guardrail_is_asked() -> None:
    (verdict,) = judge(an_envelope(), None, a_policy(paused_at=NOW), NOW).verdicts
    assert "SLACK__chat.post in version 1 is not in the catalog" in verdict.reason


def test_an_envelope_of_a_paused_tenant_is_held_and_judged_again() -> None:
    verdict = verdict_of(
        "paused", judge(an_envelope(), a_tool(), a_policy(paused_at=NOW, paused_reason="audit"), NOW).verdicts
    )
    assert verdict == Verdict(
        guardrail="paused",
        decision=HOLD,
        reason="The tenant has been paused since 2026-11-23 12:00 UTC (audit): resume the tenant to execute the call.",
        until=NOW + RECHECK_AFTER,
    )
    assert timedelta(minutes=15) == RECHECK_AFTER


@pytest.mark.parametrize(
    ("required", "trust_context", "decision"),
    [
        (False, {}, ALLOW),
        (True, {"evidence": ["https://tickets.test/1"]}, ALLOW),
        (True, {}, DENY),
        (True, {"evidence": []}, DENY),
        (True, {"evidence": None}, DENY),
        (True, {"evidence": "https://tickets.test/1"}, DENY),
        (True, {"evidence": {"url": "https://tickets.test/1"}}, DENY),
    ],
)
def test_required_evidence_must_be_a_list_that_is_not_empty(
    required: bool, trust_context: Any, decision: Decision
) -> None:
    envelope = an_envelope(trust_context=trust_context)
    assert (
        verdict_of("evidence", judge(envelope, a_tool(), a_policy(require_evidence=required), NOW).verdicts).decision
        is decision
    )


@pytest.mark.parametrize(
    ("bucket", "reading", "decision", "until"),
    [
        (None, None, ALLOW, None),
        ("slack.minute", None, ALLOW, None),
        ("slack.minute", RateAnswer(granted=True, free_at=None), ALLOW, None),
        ("slack.minute", RateAnswer(granted=False, free_at=LATER), HOLD, LATER),
        ("slack.minute", RateAnswer(granted=False, free_at=None), HOLD, NOW + RECHECK_AFTER),
        (None, RateAnswer(granted=False, free_at=LATER), ALLOW, None),
    ],
)
def test_an_empty_bucket_holds_until_its_next_token(
    bucket: str | None, reading: RateAnswer | None, decision: Decision, until: datetime | None
) -> None:
    verdict = verdict_of(
        "rate", judge(an_envelope(), a_tool(rate_bucket=bucket), a_policy(), NOW, rate=reading).verdicts
    )
    assert (verdict.decision, verdict.until) == (decision, until)


@pytest.mark.parametrize(
    ("milder", "stricter"),
    [
        (a_verdict(ALLOW), a_verdict(HOLD, until=NOW)),
        (a_verdict(HOLD, until=LATER), a_verdict(NEEDS_APPROVAL)),
        (a_verdict(NEEDS_APPROVAL), a_verdict(DENY)),
        (a_verdict(HOLD, until=LATER), a_verdict(DENY)),
        (a_verdict(HOLD, until=NOW), a_verdict(HOLD, until=LATER)),
        (a_verdict(HOLD), a_verdict(HOLD, until=NOW)),
    ],
)
def test_the_strictest_verdict_decides_whatever_its_position(milder: Verdict, stricter: Verdict) -> None:
    assert strictest([milder, stricter]) == strictest([stricter, milder]) == stricter


@pytest.mark.parametrize("verdict", [a_verdict(ALLOW), a_verdict(HOLD, until=NOW), a_verdict(DENY)])
def test_among_equally_strict_verdicts_the_first_decides(verdict: Verdict) -> None:
    first, second = replace(verdict, guardrail="first"), replace(verdict, guardrail="second")
    assert strictest([first, second]) is first
    assert strictest(iter([second, first])) is second


def test_the_same_time_in_two_time_zones_is_a_tie() -> None:
    first = a_verdict(HOLD, until=NOW, guardrail="first")
    assert strictest([first, a_verdict(HOLD, until=NOW.astimezone(UTC))]) is first


@pytest.mark.parametrize(
    ("proposed_by", "status", "paused_at", "verdicts"),
    [
        ("system:event_delivery", "active", None, [("tool", ALLOW), ("paused", ALLOW)]),
        ("system:event_delivery", "active", NOW, [("tool", ALLOW), ("paused", HOLD)]),
        ("system:event_delivery", "removed", None, [("tool", HOLD)]),
        ("agent:event_delivery", "active", None, [("tool", DENY)]),
        ("user:event_delivery", "active", None, [("tool", DENY)]),
        (None, "active", None, [("tool", DENY)]),
    ],
)
def test_a_delivery_is_judged_by_its_sender_its_subscription_and_pauses_alone(
    proposed_by: str | None, status: str, paused_at: datetime | None, verdicts: list[tuple[str, Decision]]
) -> None:
    tool = a_tool(tool_slug="control_plane__event.1", status=ToolStatus(status), subscription_id=uuid4())
    envelope = an_envelope(tool_slug=tool.tool_slug, proposed_by=proposed_by)
    policy = a_policy(trust_threshold=1, require_evidence=True, paused_at=paused_at)

    asked = judge(envelope, tool, policy, NOW).verdicts

    assert [(verdict.guardrail, verdict.decision) for verdict in asked] == verdicts
