"""How other guardrails would have judged the envelopes of the last days."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from services.approvals import ApprovalDecision, RejectionCode
from services.backends import Backends
from services.clock import FakeClock
from services.errors import InvalidInput
from services.outbox import Disposition
from services.replay_guardrails import Replay, replay_guardrails
from services.set_guardrails import set_guardrails
from tests.builders import NOW, a_tool
from tests.contract.builders import close, put_one, take_one
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


async def test_quiet_hours_scopes_and_rates_hold_or_deny(backends: Backends, tenant: UUID, clock: FakeClock) -> None:
    for _ in range(5):
        await ran(backends, tenant, 0.9)
    clock.advance(minutes=2)
    await ran(backends, tenant, 0.9)

    quiet = await replayed(backends, tenant, quiet_hours={"start": 12, "end": 13, "time_zone": "UTC"})
    denied = await replayed(backends, tenant, scopes={"allowed": ["GMAIL"]})
    limited = await replayed(backends, tenant, rate_limits={"slack.minute": {"limit": 2, "per_seconds": 60}})

    assert (quiet.would_hold, denied.would_deny, limited.would_hold) == (6, 6, 3)


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
