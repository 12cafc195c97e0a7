"""Approvals: each is bound to one call and decided once."""

from dataclasses import replace
from typing import cast
from uuid import UUID, uuid4

import pytest

from services.approvals import Approval, ApprovalDecision, Approvals, RejectionCode
from services.audit_log import AuditLogger
from services.envelope import Actor, ActorType, Door, Status
from services.errors import DecisionConflict, InvalidInput, NotAllowed, NotFound, StateConflict
from services.outbox import Disposition, Outbox, Resolution
from tests.builders import NOW, operator
from tests.clock import FakeClock
from tests.contract.builders import (
    WORKER,
    a_dead_letter,
    a_proposal,
    an_envelope_to_approve,
    ask_a_person,
    asking,
    because,
    close,
    decision_entry,
    events,
    ids,
    last_entry,
    put,
    put_one,
    take,
    take_one,
)
from tests.contract.test_approval_ends import HOUR


async def test_an_open_approval_is_listed_with_its_digest_and_reason(
    outbox: Outbox, approvals: Approvals, tenant: UUID, clock: FakeClock
) -> None:
    await put_one(outbox, tenant)
    clock.advance(minutes=1)
    envelope = await ask_a_person(outbox)

    [approval] = await approvals.list_open()
    assert approval == Approval(
        id=approval.id,
        envelope=envelope,
        digest="d1",
        reason="its trust is too low",
        requested_at=clock(),
        expires_at=NOW + HOUR,
    )
    assert envelope.status is Status.AWAITING_APPROVAL
    assert await take(outbox) == []


async def test_open_approvals_are_listed_oldest_first_then_by_tenant_and_envelope(
    outbox: Outbox, approvals: Approvals, tenant: UUID, other_tenant: UUID, clock: FakeClock
) -> None:
    waiting = []
    for owner in (tenant, other_tenant, tenant):
        await put_one(outbox, owner)
        waiting.append(await ask_a_person(outbox))
        clock.advance(seconds=1)
    one, two, three = waiting

    assert [approval.envelope for approval in await approvals.list_open()] == waiting
    assert [approval.envelope for approval in await approvals.list_open(tenant)] == [one, three]
    assert [approval.envelope for approval in await approvals.list_open(tenant, envelope=three.id)] == [three]
    assert await approvals.list_open(tenant, envelope=two.id) == []


async def test_an_approved_call_is_pending_again_and_carries_the_digest(
    outbox: Outbox, approvals: Approvals, audit_log: AuditLogger, tenant: UUID, clock: FakeClock
) -> None:
    envelope = await an_envelope_to_approve(outbox, tenant)
    clock.advance(minutes=1)

    approved = await approvals.decide(
        tenant,
        envelope.id,
        decision=ApprovalDecision.APPROVED,
        digest="d1",
        actor=operator("olga"),
        reason="looks right",
    )

    assert approved == replace(
        envelope, status=Status.PENDING, approved_digest="d1", next_run_at=clock(), updated_at=clock()
    )
    assert await outbox.get(tenant, envelope.id) == approved
    assert await approvals.list_open() == []
    assert await last_entry(audit_log, tenant) == decision_entry(
        envelope, "approved", {"status": "pending", "reason": "looks right", "digest": "d1"}
    )
    assert ids(await take(outbox)) == [envelope.id]


async def test_a_rejected_call_never_runs(
    outbox: Outbox, approvals: Approvals, audit_log: AuditLogger, tenant: UUID, clock: FakeClock
) -> None:
    envelope = await an_envelope_to_approve(outbox, tenant)
    clock.advance(minutes=1)

    rejected = await approvals.decide(
        tenant, envelope.id, decision=ApprovalDecision.REJECTED, digest="d1", actor=operator("olga"),
        code=RejectionCode.WRONG_TARGET, reason="not our customer",
    )  # fmt: skip

    assert rejected == replace(
        envelope, status=Status.REJECTED, last_error="wrong_target: not our customer", updated_at=clock()
    )
    assert await outbox.get(tenant, envelope.id) == rejected
    assert await last_entry(audit_log, tenant) == decision_entry(
        envelope, "rejected", {"status": "rejected", "reason": "not our customer", "code": "wrong_target"}
    )
    assert await take(outbox) == []


async def test_a_rejection_without_a_code_as_0_1_0_sends_it_has_the_code_other(
    outbox: Outbox, approvals: Approvals, audit_log: AuditLogger, tenant: UUID
) -> None:
    envelope = await an_envelope_to_approve(outbox, tenant)

    rejected = await approvals.decide(
        tenant, envelope.id, decision=ApprovalDecision.REJECTED, digest="d1", actor=operator("olga"), reason="no"
    )

    assert rejected.last_error == "other: no"
    [record] = await approvals.history(tenant, envelope.id)
    assert record.rejection_code is RejectionCode.OTHER
    assert (await last_entry(audit_log, tenant)).payload["code"] == "other"


async def test_a_rejection_has_a_known_code_and_an_approval_has_none(
    outbox: Outbox, approvals: Approvals, tenant: UUID
) -> None:
    envelope = await an_envelope_to_approve(outbox, tenant)

    with pytest.raises(InvalidInput) as raised:
        await approvals.decide(
            tenant, envelope.id, decision=ApprovalDecision.APPROVED, code=RejectionCode.OTHER, digest="d1",
            actor=operator("olga"),
        )  # fmt: skip
    assert raised.value.field == "code"
    for unknown in ("because", "x" * 2000):
        with pytest.raises(InvalidInput):
            await approvals.decide(
                tenant, envelope.id, decision=ApprovalDecision.REJECTED, code=cast("RejectionCode", unknown),
                digest="d1", actor=operator("olga"),
            )  # fmt: skip


@pytest.mark.parametrize("approver", [
    Actor(type=ActorType.OPERATOR, id="planner", door=Door.CLI), Actor(type=ActorType.USER, id="planner"),
    Actor(type=ActorType.AGENT, id="planner"), Actor(type=ActorType.AGENT, id="another"),
])  # fmt: skip
async def test_neither_an_agent_nor_the_proposer_approves(
    outbox: Outbox, approvals: Approvals, tenant: UUID, approver: Actor
) -> None:
    envelope = await an_envelope_to_approve(outbox, tenant)
    assert envelope.proposed_by == "agent:planner"

    with pytest.raises(NotAllowed):
        await approvals.decide(tenant, envelope.id, decision=ApprovalDecision.APPROVED, digest="d1", actor=approver)
    assert await outbox.get(tenant, envelope.id) == envelope
    rejected = await approvals.decide(
        tenant, envelope.id, decision=ApprovalDecision.REJECTED, code=RejectionCode.NOT_NEEDED, digest="d1",
        actor=approver,
    )  # fmt: skip
    assert rejected.last_error == "not_needed"


async def test_the_proposer_of_an_envelope_is_kept_in_the_dead_letter_queue_and_after(
    outbox: Outbox, tenant: UUID
) -> None:
    dead = await a_dead_letter(outbox, tenant)
    assert dead.proposed_by == "agent:planner"

    await outbox.requeue(tenant=tenant, envelopes=[dead.id], limit=1, actor=operator("olga"))
    claimed = await take_one(outbox)
    assert claimed.envelope.proposed_by == "agent:planner"
    await close(outbox, claimed, Disposition.UNKNOWN)
    given_up = await outbox.resolve(tenant, dead.id, decision=Resolution.FAILED, actor=operator("olga"), reason=None)
    assert given_up.proposed_by == "agent:planner"


async def test_two_envelopes_with_one_id_at_two_tenants_are_decided_apart(
    outbox: Outbox, approvals: Approvals, tenant: UUID, other_tenant: UUID
) -> None:
    same = uuid4()
    await put(outbox, a_proposal(tenant, id=same), a_proposal(other_tenant, id=same))
    await ask_a_person(outbox)
    await ask_a_person(outbox)

    await approvals.decide(tenant, same, decision=ApprovalDecision.APPROVED, digest="d1", actor=operator("olga"))
    await approvals.decide(
        other_tenant, same, decision=ApprovalDecision.REJECTED, code=RejectionCode.OTHER, digest="d1",
        actor=operator("olga"),
    )  # fmt: skip
    assert (await outbox.get(tenant, same)).status is Status.PENDING
    assert (await outbox.get(other_tenant, same)).status is Status.REJECTED


@pytest.mark.parametrize("first", [ApprovalDecision.APPROVED, ApprovalDecision.REJECTED])
@pytest.mark.parametrize("second", [ApprovalDecision.APPROVED, ApprovalDecision.REJECTED])
async def test_a_second_decision_is_a_conflict(
    outbox: Outbox, approvals: Approvals, tenant: UUID, first: ApprovalDecision, second: ApprovalDecision
) -> None:
    envelope = await an_envelope_to_approve(outbox, tenant)
    decided = await approvals.decide(
        tenant, envelope.id, decision=first, code=because(first), digest="d1", actor=operator("olga")
    )

    with pytest.raises(DecisionConflict) as raised:
        await approvals.decide(
            tenant, envelope.id, decision=second, code=because(second), digest="d1", actor=operator("omar")
        )
    late = raised.value
    assert (late.current_digest, late.decided_by, late.decided_at) == ("d1", "olga", NOW)
    assert f"was already {first} by olga at 2026-11-23T12:00:00+00:00" in str(late)

    assert await outbox.get(tenant, envelope.id) == decided


async def test_a_decision_about_another_call_is_a_conflict(
    outbox: Outbox, approvals: Approvals, audit_log: AuditLogger, tenant: UUID
) -> None:
    envelope = await an_envelope_to_approve(outbox, tenant)

    with pytest.raises(StateConflict, match="digest"):
        await approvals.decide(
            tenant, envelope.id, decision=ApprovalDecision.APPROVED, digest="d2", actor=operator("olga")
        )

    assert await outbox.get(tenant, envelope.id) == envelope
    assert len(await approvals.list_open()) == 1
    assert await events(audit_log, tenant) == ["proposed", "awaiting_approval"]


async def test_a_call_that_changed_needs_a_new_approval(outbox: Outbox, approvals: Approvals, tenant: UUID) -> None:
    envelope = await an_envelope_to_approve(outbox, tenant)
    await approvals.decide(tenant, envelope.id, decision=ApprovalDecision.APPROVED, digest="d1", actor=operator("olga"))
    claimed = await take_one(outbox)
    assert claimed.envelope.approved_digest == "d1"
    await outbox.settle(WORKER, [asking(claimed, digest="d2")])

    with pytest.raises(StateConflict):
        await approvals.decide(
            tenant, envelope.id, decision=ApprovalDecision.APPROVED, digest="d1", actor=operator("olga")
        )
    approved = await approvals.decide(
        tenant, envelope.id, decision=ApprovalDecision.APPROVED, digest="d2", actor=operator("olga")
    )
    assert approved.approved_digest == "d2"


async def test_a_tenant_cannot_decide_another_tenants_approval(
    outbox: Outbox, approvals: Approvals, tenant: UUID, other_tenant: UUID
) -> None:
    envelope = await an_envelope_to_approve(outbox, tenant)

    with pytest.raises(NotFound):
        await approvals.decide(
            other_tenant, envelope.id, decision=ApprovalDecision.APPROVED, digest="d1", actor=operator("olga")
        )


async def test_an_envelope_that_needs_no_approval_cannot_be_decided(
    outbox: Outbox, approvals: Approvals, tenant: UUID
) -> None:
    envelope = await put_one(outbox, tenant)

    for unknown in (envelope.id, uuid4()):
        with pytest.raises(NotFound):
            await approvals.decide(
                tenant, unknown, decision=ApprovalDecision.APPROVED, digest="d1", actor=operator("olga")
            )


async def test_a_decision_other_than_approved_or_rejected_is_refused(
    outbox: Outbox, approvals: Approvals, tenant: UUID
) -> None:
    envelope = await an_envelope_to_approve(outbox, tenant)

    with pytest.raises(InvalidInput) as raised:
        await approvals.decide(
            tenant, envelope.id, decision=cast("ApprovalDecision", "maybe"), digest="d1", actor=operator("olga")
        )
    assert raised.value.field == "decision"
