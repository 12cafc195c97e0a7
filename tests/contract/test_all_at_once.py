"""Workers and people act at the same time without deadlocks, and nothing is done twice."""

import asyncio
from datetime import timedelta
from uuid import UUID, uuid4

from services.accounts import Accounts
from services.approvals import ApprovalDecision, Approvals, RejectionCode
from services.audit_log import AuditLogger
from services.errors import StateConflict
from services.outbox import ClaimedEnvelope, Disposition, Outbox, Settlement
from services.tenants import Tenant, Tenants
from tests.builders import AGENT, MINUTE, an_account, operator
from tests.clock import FakeClock
from tests.contract.builders import (
    WORKER,
    a_proposal,
    asking,
    events,
    ids,
    put,
    put_one,
    settle_all,
    settled,
    take,
    take_one,
)

ROUNDS = 20
HELD = tuple({"guardrail": name, "decision": "hold", "reason": "wait"} for name in ("paused", "account"))


async def test_workers_and_people_at_the_same_time_cause_no_deadlock(
    *, outbox: Outbox, tenants: Tenants, accounts: Accounts, tenant: UUID, other_tenant: UUID, clock: FakeClock
) -> None:
    for one in (tenant, other_tenant):
        await tenants.save(Tenant(id=one, name=str(one), lanes=8), actor=operator("olga"))
    await put(outbox, *[a_proposal(one) for one in (tenant, other_tenant) for _ in range(60)])

    async with asyncio.timeout(60):
        for _ in range(ROUNDS):
            clock.advance(minutes=2)
            claimed = await outbox.claim(WORKER, limit=60, lease_for=MINUTE)
            rest = claimed[::2]
            await settle_all(outbox, [_hold(claim, clock) for claim in claimed[1::2]])
            await tenants.pause(tenant, actor=operator("olga"), reason=None)
            await asyncio.gather(
                settle_all(outbox, [_hold(claim, clock) for claim in rest[::2]]),
                outbox.heartbeat(WORKER, lease_for=MINUTE),
                tenants.resume(tenant, actor=operator("olga")),
                accounts.save(an_account(tenant_id=other_tenant), actor=operator("olga")),
                settle_all(outbox, [_hold(claim, clock) for claim in reversed(rest[1::2])]),
                outbox.heartbeat(WORKER, lease_for=MINUTE),
            )


async def test_of_two_simultaneous_proposals_with_one_key_one_creates_the_envelope(
    outbox: Outbox, audit_log: AuditLogger, tenant: UUID
) -> None:
    keys = [f"k{n}" for n in range(20)]
    batches = [[a_proposal(tenant, external_id=key) for key in order] for order in (keys, keys[::-1], keys)]

    async with asyncio.timeout(60):
        answers = await asyncio.gather(*[outbox.enqueue(batch, actor=AGENT) for batch in batches])

    made = [each.envelope.external_id for answer in answers for each in answer if each.created]
    assert sorted(made) == sorted(keys)
    assert len({each.envelope.id for answer in answers for each in answer}) == len(keys)
    assert await events(audit_log, tenant) == ["proposed"] * len(keys)


async def test_of_two_simultaneous_decisions_one_counts(
    outbox: Outbox, approvals: Approvals, audit_log: AuditLogger, tenant: UUID
) -> None:
    envelope = await put_one(outbox, tenant)
    await outbox.settle(WORKER, [asking(await take_one(outbox))])

    async with asyncio.timeout(60):
        answers = await asyncio.gather(
            approvals.decide(
                tenant, envelope.id, decision=ApprovalDecision.APPROVED, digest="d1", actor=operator("olga")
            ),
            approvals.decide(
                tenant,
                envelope.id,
                decision=ApprovalDecision.REJECTED,
                code=RejectionCode.OTHER,
                digest="d1",
                actor=operator("omar"),
            ),
            outbox.cancel(tenant, envelope.id, actor=AGENT, reason=None),
            return_exceptions=True,
        )

    refused = [answer for answer in answers if isinstance(answer, BaseException)]
    assert all(isinstance(answer, StateConflict) for answer in refused)
    # an approved envelope is pending again, and can still be cancelled
    assert await events(audit_log, tenant) in (
        ["proposed", "awaiting_approval", "approved"],
        ["proposed", "awaiting_approval", "approved", "cancelled"],
        ["proposed", "awaiting_approval", "rejected"],
        ["proposed", "awaiting_approval", "cancelled"],
    )


async def test_an_envelope_enqueued_while_its_lane_is_released_is_found(outbox: Outbox, tenant: UUID) -> None:
    done: list[UUID] = []
    proposed: list[UUID] = []

    async def propose() -> None:
        for _ in range(40):
            proposed.extend(ids(await put(outbox, a_proposal(tenant, id=uuid4()))))

    async def work() -> None:
        for _ in range(60):
            claimed = await take(outbox, limit=3)
            await settle_all(outbox, [settled(claim, Disposition.SUCCESS) for claim in claimed])
            done.extend(ids(claimed))

    async with asyncio.timeout(60):
        await asyncio.gather(propose(), work())
        while claimed := await take(outbox, limit=3):
            await settle_all(outbox, [settled(claim, Disposition.SUCCESS) for claim in claimed])
            done.extend(ids(claimed))

    assert sorted(done) == sorted(proposed)
    assert await outbox.due_in() is None


def _hold(claim: ClaimedEnvelope, clock: FakeClock) -> Settlement:
    later = clock() + timedelta(minutes=1)
    return settled(claim, Disposition.HOLD, reason="wait", verdicts=HELD, next_run_at=later)
