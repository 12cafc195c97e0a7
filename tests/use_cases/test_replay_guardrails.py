"""How other guardrails would have judged the envelopes of the last days."""

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from services.approvals import ApprovalDecision, RejectionCode
from services.backends import Backends
from services.clock import FakeClock
from services.errors import InvalidInput
from services.outbox import Disposition, GrantedCall
from services.replay_guardrails import Replay, replay_guardrails
from services.set_guardrails import set_guardrails
from services.subscriptions import NewSubscription, SubscriptionKind
from tests.builders import NOW, a_tool
from tests.contract.builders import WORKER, close, put_one, take_one
from tests.use_cases.actors import MARIA, OLGA

LATER = NOW + timedelta(days=1)


@pytest.fixture(autouse=True)
async def tool(backends: Backends, tenant: UUID) -> None:
    await backends.catalog.save([a_tool(tenant_id=tenant, rate_bucket="slack.minute")], actor=OLGA)
    await set_guardrails(backends, tenant, {"trust_threshold": 0.8}, actor=OLGA)


async def replayed(backends: Backends, tenant: UUID, **changes: Any) -> Replay:
    *_, last = [
        found
        async for found in replay_guardrails(backends, tenant, changes, since=NOW - timedelta(days=7), until=LATER)
    ]
    return last


async def asked(
    backends: Backends, tenant: UUID, score: float, decision: ApprovalDecision | None, *, reason: str = "trust: low"
) -> None:
    """An envelope for which a person was asked, with this decision."""
    envelope = await put_one(backends.outbox, tenant, trust_context={"score": score})
    claimed = await take_one(backends.outbox)
    await close(backends.outbox, claimed, Disposition.AWAITING_APPROVAL, digest="d", reason=reason, expires_at=LATER)
    if decision is not None:
        await backends.approvals.decide(
            tenant, envelope.id, decision=decision, digest="d", actor=MARIA, reason=None,
            code=RejectionCode.TOO_RISKY if decision is ApprovalDecision.REJECTED else None,
        )  # fmt: skip
        if decision is ApprovalDecision.APPROVED:
            await close(backends.outbox, await take_one(backends.outbox), Disposition.SUCCESS)


async def ran(backends: Backends, tenant: UUID, score: float) -> None:
    await put_one(backends.outbox, tenant, trust_context={"score": score})
    await close(backends.outbox, await take_one(backends.outbox), Disposition.SUCCESS)


async def test_a_lower_threshold_asks_less_and_says_what_people_had_decided(backends: Backends, tenant: UUID) -> None:
    await asked(backends, tenant, 0.7, ApprovalDecision.APPROVED)
    await asked(backends, tenant, 0.7, ApprovalDecision.APPROVED)
    await asked(backends, tenant, 0.6, ApprovalDecision.REJECTED)
    await asked(backends, tenant, 0.2, ApprovalDecision.REJECTED)
    await asked(backends, tenant, 0.2, None)
    await ran(backends, tenant, 0.9)

    found = await replayed(backends, tenant, trust_threshold=0.5)

    assert (found.envelopes, found.cases, found.asked, found.would_ask) == (6, 2, 5, 2)
    assert found.fewer_asked == pytest.approx(0.6)
    assert (found.rejected_let_through, found.approved_unasked, found.newly_asked) == (1, 2, 0)
    assert (found.is_done, found.would_hold, found.would_deny) == (True, 0, 0)


async def test_a_higher_threshold_asks_about_calls_that_ran(backends: Backends, tenant: UUID) -> None:
    await ran(backends, tenant, 0.9)
    found = await replayed(backends, tenant, trust_threshold=0.95)
    assert (found.would_ask, found.newly_asked, found.fewer_asked) == (1, 1, None)


async def test_a_request_for_another_reason_than_trust_stays(backends: Backends, tenant: UUID) -> None:
    await asked(backends, tenant, 0.7, ApprovalDecision.APPROVED, reason="tool: changed trust: low")
    assert (await replayed(backends, tenant, trust_threshold=0)).would_ask == 1


async def test_approval_rules_of_the_candidate_are_judged(backends: Backends, tenant: UUID) -> None:
    for amount in (50, 500, 5000):
        await put_one(backends.outbox, tenant, trust_context={"score": 0.9}, arguments={"amount": amount, "to": "a"})
        await close(backends.outbox, await take_one(backends.outbox), Disposition.SUCCESS)
    rule = {"tools": "SLACK__*", "arguments": [{"argument": "amount", "above": 100}]}

    found = await replayed(backends, tenant, approval_rules={"require": [rule]})
    by_risk = await replayed(backends, tenant, approval_rules={"require": [{"risks": ["low"]}]})

    assert (found.would_ask, found.newly_asked, by_risk.would_ask) == (2, 2, 3)


async def test_a_candidate_without_a_rule_asks_less_than_the_rule_did(backends: Backends, tenant: UUID) -> None:
    await set_guardrails(backends, tenant, {"approval_rules": {"require": [{"tools": "*"}]}}, actor=OLGA)
    await asked(backends, tenant, 0.9, ApprovalDecision.APPROVED, reason="rules: approval_rules.require[0] applies")
    await asked(backends, tenant, 0.9, ApprovalDecision.REJECTED, reason="rules: approval_rules.require[0] applies")

    same, without = await replayed(backends, tenant), await replayed(backends, tenant, approval_rules={})

    assert (same.asked, same.would_ask) == (2, 2)
    assert (without.would_ask, without.approved_unasked, without.rejected_let_through) == (0, 1, 1)


async def test_a_grant_lets_its_calls_go_in_the_replay_unless_two_people_are_demanded(
    backends: Backends, tenant: UUID
) -> None:
    grant = await backends.grants.issue(
        tenant, uuid4(), tools="SLACK__*", account_id=None, arguments=[], reason=None, lasts_for=timedelta(hours=1),
        actor=OLGA,
    )  # fmt: skip
    await put_one(backends.outbox, tenant, trust_context={"score": 0.1})
    claimed = await take_one(backends.outbox)
    await backends.outbox.use_grants(WORKER, [GrantedCall(claimed=claimed, grant_id=grant.id, digest="d")])
    await close(backends.outbox, claimed, Disposition.SUCCESS)

    granted = await replayed(backends, tenant)
    by_two = await replayed(backends, tenant, approval_rules={"two_people": ["low"]})

    assert (granted.would_ask, granted.newly_asked, by_two.newly_asked) == (0, 0, 1)


async def test_quiet_hours_scopes_and_rates_hold_or_deny(backends: Backends, tenant: UUID, clock: FakeClock) -> None:
    for _ in range(5):
        await ran(backends, tenant, 0.9)
    clock.advance(minutes=2)
    await ran(backends, tenant, 0.9)

    quiet = await replayed(backends, tenant, quiet_hours={"start": 12, "end": 13, "time_zone": "UTC"})
    denied = await replayed(backends, tenant, scopes={"allowed": ["GMAIL"]})
    limited = await replayed(backends, tenant, rate_limits={"slack.minute": {"limit": 2, "per_seconds": 60}})

    assert (quiet.would_hold, denied.would_deny, limited.would_hold) == (6, 6, 3)


async def test_deliveries_of_events_are_no_cases(backends: Backends, tenant: UUID) -> None:
    webhook = NewSubscription(
        id=uuid4(), kind=SubscriptionKind.WEBHOOK, target="https://a.test/", event_types=("envelope.*",)
    )
    await backends.subscriptions.create(tenant, webhook, actor=OLGA)
    await backends.subscriptions.test(tenant, webhook.id, uuid4(), actor=OLGA)
    await ran(backends, tenant, 0.9)
    found = await replayed(backends, tenant, trust_threshold=0.5)
    assert (found.envelopes, found.would_deny) == (1, 0)


async def test_dead_letters_count_too(backends: Backends, tenant: UUID) -> None:
    await put_one(backends.outbox, tenant, trust_context={"score": 0.1})
    await close(backends.outbox, await take_one(backends.outbox), Disposition.DENIED, reason="no")
    found = await replayed(backends, tenant)
    assert (found.envelopes, found.would_ask, found.newly_asked) == (1, 1, 1)


async def test_required_evidence_is_judged_for_each_proposal(backends: Backends, tenant: UUID) -> None:
    await put_one(backends.outbox, tenant, trust_context={"score": 0.9, "evidence": ["ticket 17"]})
    await put_one(backends.outbox, tenant, trust_context={"score": 0.9})
    assert (await replayed(backends, tenant, require_evidence=True)).would_deny == 1


async def test_an_invalid_candidate_is_refused(backends: Backends, tenant: UUID) -> None:
    with pytest.raises(InvalidInput, match="trust_threshold"):
        await replayed(backends, tenant, trust_threshold=2)


async def test_nothing_is_changed(backends: Backends, tenant: UUID) -> None:
    await ran(backends, tenant, 0.9)
    before = await backends.audit_log.tail(tenant, limit=9)
    await replayed(backends, tenant, trust_threshold=0.1)
    assert await backends.audit_log.tail(tenant, limit=9) == before
