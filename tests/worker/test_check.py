"""The settlement that follows from the verdicts of the guardrails."""

from datetime import timedelta
from typing import Any

import pytest

from services.approvals.digest import call_digest
from services.guardrails.judge import RateAnswer
from services.guardrails.recheck import RECHECK_AFTER
from services.outbox import ClaimedEnvelope, Disposition, Settlement
from tests.builders import HOUR, NOW, a_policy, a_tool, an_envelope
from tests.worker.builders import a_claim
from worker.check import check

QUIET = {"start": 10, "end": 13}
"""Over an hour after NOW."""
IN_AN_HOUR = NOW + timedelta(hours=1)
EMPTY_BUCKET = RateAnswer(granted=False, free_at=IN_AN_HOUR)


def settlement_of(
    claimed: ClaimedEnvelope, policy: Any, *, tool: Any = None, rate: RateAnswer | None = None
) -> Settlement | None:
    return check(claimed, tool or a_tool(rate_bucket="b"), policy, NOW, approval_ttl=HOUR, rate=rate)[1]


def not_none(settlement: Settlement | None) -> Settlement:
    assert settlement is not None
    return settlement


def test_an_envelope_that_every_guardrail_allows_is_executed() -> None:
    judgement, instead = check(a_claim(), a_tool(), a_policy(), NOW, approval_ttl=HOUR)
    assert instead is None
    assert {verdict.decision.value for verdict in judgement.verdicts} == {"allow"}


@pytest.mark.parametrize(
    ("policy", "rate", "guardrail", "until"),
    [
        (a_policy(paused_at=NOW), None, "paused", NOW + RECHECK_AFTER),
        (a_policy(quiet_hours=QUIET), None, "quiet_hours", IN_AN_HOUR),
        (a_policy(), EMPTY_BUCKET, "rate", IN_AN_HOUR),
        (a_policy(), RateAnswer(granted=False, free_at=None), "rate", NOW + RECHECK_AFTER),
    ],
)
def test_a_held_envelope_is_due_again_when_its_guardrail_says(
    policy: Any, rate: RateAnswer | None, guardrail: str, until: Any
) -> None:
    claimed = a_claim()
    settlement = not_none(settlement_of(claimed, policy, rate=rate))
    assert (settlement.to, settlement.next_run_at, settlement.repeat) == (Disposition.HOLD, until, False)
    assert (settlement.lease, settlement.envelope_id) == (claimed.lease, claimed.envelope.id)
    assert (settlement.reason or "").startswith(f"{guardrail}: ")
    assert (settlement.digest, settlement.expires_at, settlement.error) == (None, None, None)


def test_a_low_trust_score_asks_a_person_to_approve_exactly_this_call_within_the_approval_ttl() -> None:
    claimed = a_claim()
    settlement = not_none(settlement_of(claimed, a_policy(trust_threshold=0.5)))
    assert settlement.to is Disposition.AWAITING_APPROVAL
    assert (settlement.digest, settlement.expires_at) == (call_digest(claimed.envelope, a_tool()), NOW + HOUR)
    assert (settlement.reason or "").startswith("trust: ")
    assert settlement.next_run_at is None


@pytest.mark.parametrize(
    ("policy", "tool", "guardrail"),
    [
        (a_policy(require_evidence=True), a_tool(), "evidence"),
        (a_policy(), a_tool(version="2"), "tool"),
    ],
)
def test_a_denial_is_final_and_names_the_guardrail(policy: Any, tool: Any, guardrail: str) -> None:
    settlement = not_none(settlement_of(a_claim(), policy, tool=tool))
    assert settlement.to is Disposition.DENIED
    assert (settlement.reason or "").startswith(f"{guardrail}: ")
    assert (settlement.next_run_at, settlement.digest, settlement.repeat) == (None, None, False)


def test_a_tool_that_left_the_catalog_is_denied() -> None:
    settlement = check(a_claim(), None, a_policy(), NOW, approval_ttl=HOUR)[1]
    assert not_none(settlement).to is Disposition.DENIED


def test_the_strictest_verdict_decides_the_settlement() -> None:
    policy = a_policy(paused_at=NOW, quiet_hours=QUIET, trust_threshold=1)
    assert not_none(settlement_of(a_claim(), policy)).to is Disposition.AWAITING_APPROVAL
    assert (
        not_none(settlement_of(a_claim(), a_policy(require_evidence=True, trust_threshold=1))).to is Disposition.DENIED
    )


def test_an_approval_of_exactly_this_call_overrules_the_trust_guardrail() -> None:
    envelope = an_envelope()
    approved = a_claim(
        id=envelope.id, external_id=envelope.external_id, approved_digest=call_digest(envelope, a_tool())
    )
    assert settlement_of(approved, a_policy(trust_threshold=0.5)) is None
    edited = a_claim(id=envelope.id, approved_digest=call_digest(envelope, a_tool()), arguments={"text": "other"})
    assert not_none(settlement_of(edited, a_policy(trust_threshold=0.5))).to is Disposition.AWAITING_APPROVAL


def test_the_settlement_carries_every_verdict() -> None:
    settlement = not_none(settlement_of(a_claim(), a_policy(quiet_hours=QUIET, version=3)))
    assert [row["guardrail"] for row in settlement.verdicts or ()] == [
        "tool", "paused", "account", "scopes", "evidence", "trust", "rules", "quiet_hours", "rate",
    ]  # fmt: skip
    assert {row["version"] for row in settlement.verdicts or ()} == {3}
    (hold,) = [row for row in settlement.verdicts or () if row["decision"] == "hold"]
    assert hold == {
        "guardrail": "quiet_hours",
        "decision": "hold",
        "reason": hold["reason"],
        "version": 3,
        "until": IN_AN_HOUR.isoformat(),
    }


def test_a_second_hold_by_the_same_guardrail_is_a_repeat() -> None:
    first = not_none(settlement_of(a_claim(), a_policy(quiet_hours=QUIET)))
    again = a_claim(verdicts=first.verdicts)
    assert not first.repeat
    assert not_none(settlement_of(again, a_policy(quiet_hours=QUIET))).repeat
    assert not not_none(settlement_of(again, a_policy(paused_at=NOW))).repeat


def test_a_hold_after_an_allow_of_the_same_guardrail_is_no_repeat() -> None:
    verdicts = ({"guardrail": "quiet_hours", "decision": "allow", "reason": "none"},)
    assert not not_none(settlement_of(a_claim(verdicts=verdicts), a_policy(quiet_hours=QUIET))).repeat


SOON = NOW + timedelta(minutes=10)


def test_a_hold_ends_at_the_deadline_at_the_latest() -> None:
    settlement = not_none(settlement_of(a_claim(must_run_before=SOON), a_policy(quiet_hours=QUIET)))
    assert (settlement.to, settlement.next_run_at) == (Disposition.HOLD, SOON)
    sooner = not_none(settlement_of(a_claim(must_run_before=IN_AN_HOUR + HOUR), a_policy(quiet_hours=QUIET)))
    assert sooner.next_run_at == IN_AN_HOUR


def test_an_approval_request_expires_at_the_deadline_at_the_latest() -> None:
    settlement = not_none(settlement_of(a_claim(must_run_before=SOON), a_policy(trust_threshold=0.5)))
    assert (settlement.to, settlement.expires_at) == (Disposition.AWAITING_APPROVAL, SOON)
