"""How an approval ends: it expires if nobody decides, it is cancelled, and what waited behind it goes on."""

from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest

from services.approvals import ApprovalDecision, Approvals, RejectionCode
from services.audit_log import AuditLogger
from services.envelope import Actor, ActorType, Status
from services.errors import StateConflict
from services.outbox import Disposition, Outbox
from tests.builders import AGENT, CLOCK, NOW, operator
from tests.clock import FakeClock
from tests.contract.builders import (
    WORKER,
    an_envelope_to_approve,
    ask_a_person,
    asking,
    close,
    decision_entry,
    ids,
    in_order,
    last_entry,
    put,
    put_one,
    take,
    take_one,
)

HOUR = timedelta(hours=1)


async def test_an_expired_approval_cannot_be_given(
    outbox: Outbox, approvals: Approvals, tenant: UUID, clock: FakeClock
) -> None:
    envelope = await an_envelope_to_approve(outbox, tenant)
    clock.advance(hours=1)

    with pytest.raises(StateConflict, match="expired"):
        await approvals.decide(
            tenant, envelope.id, decision=ApprovalDecision.APPROVED, digest="d1", actor=operator("olga")
        )
    assert await outbox.get(tenant, envelope.id) == envelope


async def test_an_undecided_approval_expires(
    outbox: Outbox, approvals: Approvals, audit_log: AuditLogger, tenant: UUID, clock: FakeClock
) -> None:
    envelope = await an_envelope_to_approve(outbox, tenant)
    clock.advance(minutes=59)
    assert await approvals.expire(actor=CLOCK) == 0
    clock.advance(minutes=1)

    assert await approvals.expire(actor=CLOCK) == 1

    assert await outbox.get(tenant, envelope.id) == replace(envelope, status=Status.EXPIRED, updated_at=clock())
    assert await approvals.list_open() == []
    assert await approvals.expire(actor=CLOCK) == 0
    assert await last_entry(audit_log, tenant) == replace(
        decision_entry(envelope, "expired", {"status": "expired", "reason": "nobody decided in time"}),
        actor=Actor(type=ActorType.SYSTEM, id="clock"),
    )


async def test_expiry_ends_overdue_approvals_of_all_tenants_and_no_others(
    outbox: Outbox, approvals: Approvals, tenant: UUID, other_tenant: UUID, clock: FakeClock
) -> None:
    late = [await an_envelope_to_approve(outbox, tenant), await an_envelope_to_approve(outbox, other_tenant)]
    await put_one(outbox, tenant)
    await outbox.settle(WORKER, [asking(await take_one(outbox), expires_at=NOW + 2 * HOUR)])
    clock.advance(hours=1)

    assert await approvals.expire(actor=CLOCK) == 2
    for envelope in late:
        assert (await outbox.get(envelope.tenant_id, envelope.id)).status is Status.EXPIRED
    assert len(await approvals.list_open()) == 1


async def test_a_cancelled_envelope_has_no_open_approval(outbox: Outbox, approvals: Approvals, tenant: UUID) -> None:
    envelope = await an_envelope_to_approve(outbox, tenant)
    await outbox.cancel(tenant, envelope.id, actor=AGENT, reason=None)

    assert await approvals.list_open() == []
    with pytest.raises(StateConflict):
        await approvals.decide(
            tenant, envelope.id, decision=ApprovalDecision.APPROVED, digest="d1", actor=operator("olga")
        )


async def test_an_ordering_key_waits_while_its_first_envelope_awaits_approval(
    outbox: Outbox, approvals: Approvals, tenant: UUID
) -> None:
    first, second = await put(outbox, in_order(tenant, "a"), in_order(tenant, "a"))
    await ask_a_person(outbox)
    assert await take(outbox) == []

    await approvals.decide(tenant, first.id, decision=ApprovalDecision.APPROVED, digest="d1", actor=operator("olga"))
    claimed = await take_one(outbox)
    assert claimed.envelope.id == first.id
    await close(outbox, claimed, Disposition.SUCCESS)
    assert ids(await take(outbox)) == [second.id]


@pytest.mark.parametrize("ending", ["rejected", "expired"])
async def test_a_rejection_frees_the_next_envelope_of_the_ordering_key(
    outbox: Outbox, approvals: Approvals, tenant: UUID, clock: FakeClock, ending: str
) -> None:
    first, second = await put(outbox, in_order(tenant, "a"), in_order(tenant, "a"))
    await ask_a_person(outbox)
    if ending == "rejected":
        await approvals.decide(
            tenant,
            first.id,
            decision=ApprovalDecision.REJECTED,
            code=RejectionCode.OTHER,
            digest="d1",
            actor=operator("olga"),
        )
    else:
        clock.advance(hours=1)
        await approvals.expire(actor=CLOCK)

    assert ids(await take(outbox)) == [second.id]
