"""Approvals: bound to one call, decided once, and a no when nobody decides."""

from dataclasses import replace
from datetime import timedelta
from typing import cast
from uuid import UUID, uuid4

import pytest

from services.approvals import Approval, ApprovalDecision, Approvals, EditedCall, RejectionCode
from services.audit_log import AuditEntry, AuditLogger
from services.backends import Backends
from services.envelope import Actor, ActorType, Door, Envelope, Status
from services.errors import DecisionConflict, InvalidInput, NotAllowed, NotFound, StateConflict
from services.guardrails import GuardrailSettings
from services.outbox import Disposition, Outbox, Resolution, UnsettledEnvelopes
from tests.builders import AGENT, CLOCK, NOW, operator
from tests.clock import FakeClock
from tests.contract.builders import (
    WORKER,
    a_dead_letter,
    a_proposal,
    asking,
    because,
    close,
    events,
    ids,
    in_order,
    put,
    put_one,
    take,
    take_one,
)

HOUR = timedelta(hours=1)


async def test_an_open_approval_is_listed_with_its_digest_and_reason(
    outbox: Outbox, approvals: Approvals, tenant: UUID, clock: FakeClock
) -> None:
    await put_one(outbox, tenant)
    clock.advance(minutes=1)
    envelope = await _ask(outbox)

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
        waiting.append(await _ask(outbox))
        clock.advance(seconds=1)
    one, two, three = waiting

    assert [each.envelope for each in await approvals.list_open()] == waiting
    assert [each.envelope for each in await approvals.list_open(tenant)] == [one, three]
    assert [each.envelope for each in await approvals.list_open(tenant, envelope=three.id)] == [three]
    assert await approvals.list_open(tenant, envelope=two.id) == []


async def test_an_approved_call_is_pending_again_and_carries_the_digest(
    outbox: Outbox, approvals: Approvals, audit_log: AuditLogger, tenant: UUID, clock: FakeClock
) -> None:
    envelope = await _asked(outbox, tenant)
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
    assert await _last_entry(audit_log, tenant) == _decision(
        envelope, "approved", {"status": "pending", "reason": "looks right", "digest": "d1"}
    )
    assert ids(await take(outbox)) == [envelope.id]


async def test_a_rejected_call_never_runs(
    outbox: Outbox, approvals: Approvals, audit_log: AuditLogger, tenant: UUID, clock: FakeClock
) -> None:
    envelope = await _asked(outbox, tenant)
    clock.advance(minutes=1)

    rejected = await approvals.decide(
        tenant, envelope.id, decision=ApprovalDecision.REJECTED, digest="d1", actor=operator("olga"),
        code=RejectionCode.WRONG_TARGET, reason="not our customer",
    )  # fmt: skip

    assert rejected == replace(
        envelope, status=Status.REJECTED, last_error="wrong_target: not our customer", updated_at=clock()
    )
    assert await outbox.get(tenant, envelope.id) == rejected
    assert await _last_entry(audit_log, tenant) == _decision(
        envelope, "rejected", {"status": "rejected", "reason": "not our customer", "code": "wrong_target"}
    )
    assert await take(outbox) == []


async def test_a_rejection_needs_a_code_and_an_approval_has_none(
    outbox: Outbox, approvals: Approvals, tenant: UUID
) -> None:
    envelope = await _asked(outbox, tenant)

    for decision, code in ((ApprovalDecision.REJECTED, None), (ApprovalDecision.APPROVED, RejectionCode.OTHER)):
        with pytest.raises(InvalidInput) as raised:
            await approvals.decide(
                tenant, envelope.id, decision=decision, code=code, digest="d1", actor=operator("olga")
            )
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
    envelope = await _asked(outbox, tenant)
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
    await _ask(outbox)
    await _ask(outbox)

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
    envelope = await _asked(outbox, tenant)
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
    envelope = await _asked(outbox, tenant)

    with pytest.raises(StateConflict, match="digest"):
        await approvals.decide(
            tenant, envelope.id, decision=ApprovalDecision.APPROVED, digest="d2", actor=operator("olga")
        )

    assert await outbox.get(tenant, envelope.id) == envelope
    assert len(await approvals.list_open()) == 1
    assert await events(audit_log, tenant) == ["proposed", "awaiting_approval"]


async def test_a_call_that_changed_needs_a_new_approval(outbox: Outbox, approvals: Approvals, tenant: UUID) -> None:
    envelope = await _asked(outbox, tenant)
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


async def test_an_expired_approval_cannot_be_given(
    outbox: Outbox, approvals: Approvals, tenant: UUID, clock: FakeClock
) -> None:
    envelope = await _asked(outbox, tenant)
    clock.advance(hours=1)

    with pytest.raises(StateConflict, match="expired"):
        await approvals.decide(
            tenant, envelope.id, decision=ApprovalDecision.APPROVED, digest="d1", actor=operator("olga")
        )
    assert await outbox.get(tenant, envelope.id) == envelope


async def test_an_undecided_approval_expires(
    outbox: Outbox, approvals: Approvals, audit_log: AuditLogger, tenant: UUID, clock: FakeClock
) -> None:
    envelope = await _asked(outbox, tenant)
    clock.advance(minutes=59)
    assert await approvals.expire(actor=CLOCK) == 0
    clock.advance(minutes=1)

    assert await approvals.expire(actor=CLOCK) == 1

    assert await outbox.get(tenant, envelope.id) == replace(envelope, status=Status.EXPIRED, updated_at=clock())
    assert await approvals.list_open() == []
    assert await approvals.expire(actor=CLOCK) == 0
    assert await _last_entry(audit_log, tenant) == replace(
        _decision(envelope, "expired", {"status": "expired", "reason": "nobody decided in time"}),
        actor=Actor(type=ActorType.SYSTEM, id="clock"),
    )


async def test_expiry_ends_overdue_approvals_of_all_tenants_and_no_others(
    outbox: Outbox, approvals: Approvals, tenant: UUID, other_tenant: UUID, clock: FakeClock
) -> None:
    late = [await _asked(outbox, tenant), await _asked(outbox, other_tenant)]
    await put_one(outbox, tenant)
    await outbox.settle(WORKER, [asking(await take_one(outbox), expires_at=NOW + 2 * HOUR)])
    clock.advance(hours=1)

    assert await approvals.expire(actor=CLOCK) == 2
    for envelope in late:
        assert (await outbox.get(envelope.tenant_id, envelope.id)).status is Status.EXPIRED
    assert len(await approvals.list_open()) == 1


async def test_a_tenant_cannot_decide_another_tenants_approval(
    outbox: Outbox, approvals: Approvals, tenant: UUID, other_tenant: UUID
) -> None:
    envelope = await _asked(outbox, tenant)

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
    envelope = await _asked(outbox, tenant)

    with pytest.raises(InvalidInput) as raised:
        await approvals.decide(
            tenant, envelope.id, decision=cast("ApprovalDecision", "maybe"), digest="d1", actor=operator("olga")
        )
    assert raised.value.field == "decision"


async def test_a_cancelled_envelope_has_no_open_approval(outbox: Outbox, approvals: Approvals, tenant: UUID) -> None:
    envelope = await _asked(outbox, tenant)
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
    await _ask(outbox)
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
    await _ask(outbox)
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


async def _ask(outbox: Outbox) -> Envelope:
    """Claim what comes first and send it to a person, who has until an hour after it was proposed."""
    claimed = await take_one(outbox)
    assert await outbox.settle(WORKER, [asking(claimed)]) == UnsettledEnvelopes()
    return await outbox.get(claimed.envelope.tenant_id, claimed.envelope.id)


async def _asked(outbox: Outbox, tenant: UUID) -> Envelope:
    await put_one(outbox, tenant)
    return await _ask(outbox)


async def _last_entry(audit_log: AuditLogger, tenant: UUID) -> AuditEntry:
    [row] = await audit_log.tail(tenant, limit=1)
    return row.entry


def _decision(envelope: Envelope, event: str, payload: dict[str, str]) -> AuditEntry:
    return AuditEntry(
        tenant_id=envelope.tenant_id,
        actor=Actor(type=ActorType.OPERATOR, id="olga"),
        category=f"envelope.{event}",
        payload={
            "envelope_id": str(envelope.id), "external_id": envelope.external_id, "tool_slug": envelope.tool_slug,
            **payload,
        },
    )  # fmt: skip


EDITED = EditedCall(arguments={"channel": "#general", "text": "goodbye", "n": 1.5}, digest="d2")


async def test_an_edited_call_keeps_what_was_proposed_decided_and_is_in_effect(
    outbox: Outbox, approvals: Approvals, audit_log: AuditLogger, tenant: UUID
) -> None:
    envelope = await _asked(outbox, tenant)

    approved = await approvals.decide(
        tenant, envelope.id, decision=ApprovalDecision.APPROVED, digest="d1", actor=operator("olga"), edited=EDITED
    )

    assert (approved.status, approved.arguments) == (Status.PENDING, EDITED.arguments)
    assert (approved.approved_digest, approved.proposed_arguments) == ("d2", envelope.arguments)
    [record] = await approvals.history(tenant, envelope.id)
    assert (record.digest, record.decided_digest, record.decided_arguments) == ("d1", "d2", EDITED.arguments)
    assert (record.decision, record.decided_by, record.decided_at) == (ApprovalDecision.APPROVED, "olga", NOW)
    assert await _last_entry(audit_log, tenant) == _decision(
        envelope, "approved", {"status": "pending", "digest": "d2", "proposed_digest": "d1"}
    )
    claimed = await take_one(outbox)
    assert claimed.envelope.arguments == EDITED.arguments
    await close(outbox, claimed, Disposition.SUCCESS, digest="d2", result={"ok": True})
    assert (await _last_entry(audit_log, tenant)).payload["digest"] == "d2"


async def test_an_edited_envelope_is_still_found_by_the_arguments_that_were_proposed(
    outbox: Outbox, approvals: Approvals, tenant: UUID
) -> None:
    envelope = await _asked(outbox, tenant)
    again = a_proposal(tenant, external_id=envelope.external_id, arguments=envelope.arguments)
    edited_one = a_proposal(tenant, external_id=envelope.external_id, arguments=EDITED.arguments)
    await approvals.decide(
        tenant, envelope.id, decision=ApprovalDecision.APPROVED, digest="d1", actor=operator("olga"), edited=EDITED
    )

    [found] = await outbox.enqueue([again], actor=AGENT)
    assert (found.created, found.envelope.id, found.envelope.arguments) == (False, envelope.id, EDITED.arguments)
    with pytest.raises(StateConflict):
        await outbox.enqueue([edited_one], actor=AGENT)

    await close(outbox, await take_one(outbox), Disposition.FAILED, error="no such channel")
    [dead] = await outbox.enqueue([again], actor=AGENT)
    assert (dead.envelope.status, dead.envelope.proposed_arguments) == (Status.FAILED, envelope.arguments)
    [requeued] = await outbox.requeue(tenant=tenant, envelopes=[envelope.id], limit=1, actor=operator("olga"))
    assert (requeued.arguments, requeued.proposed_arguments) == (EDITED.arguments, envelope.arguments)


async def test_an_edit_goes_with_an_approval_only(outbox: Outbox, approvals: Approvals, tenant: UUID) -> None:
    envelope = await _asked(outbox, tenant)
    with pytest.raises(InvalidInput):
        await approvals.decide(
            tenant, envelope.id, decision=ApprovalDecision.REJECTED, code=RejectionCode.OTHER, digest="d1",
            actor=operator("olga"), edited=EDITED,
        )  # fmt: skip


async def test_two_people_approve_where_the_rules_demand_it(
    backends: Backends, outbox: Outbox, approvals: Approvals, audit_log: AuditLogger, tenant: UUID
) -> None:
    rules = GuardrailSettings(tenant_id=tenant, approval_rules={"two_people": ["low"]})
    await backends.guardrails.save(rules, actor=operator("olga"))
    envelope = await _asked(outbox, tenant)

    async def approve(who: str, digest: str = "d1", edited: EditedCall | None = None) -> Envelope:
        return await approvals.decide(
            tenant, envelope.id, decision=ApprovalDecision.APPROVED, digest=digest, edited=edited,
            actor=Actor(type=ActorType.USER, id=who),
        )  # fmt: skip

    first = await approve("ann")
    assert (first.status, first.approved_digest) == (Status.AWAITING_APPROVAL, None)
    assert await events(audit_log, tenant) == ["proposed", "awaiting_approval", "approved_once"]
    [waiting] = await approvals.list_open(tenant)
    assert (waiting.digest, waiting.first_approved_by) == ("d1", "ann")
    for same in (Actor(type=ActorType.USER, id="ann"), operator("ann")):
        with pytest.raises(NotAllowed):
            await approvals.decide(tenant, envelope.id, decision=ApprovalDecision.APPROVED, digest="d1", actor=same)
    changed = await approve("ben", edited=EDITED)
    assert (changed.status, changed.arguments) == (Status.AWAITING_APPROVAL, EDITED.arguments)
    with pytest.raises(DecisionConflict) as stale:
        await approve("ann")
    assert stale.value.current_digest == "d2"
    second = await approve("ann", "d2")
    assert (second.status, second.approved_digest) == (Status.PENDING, "d2")
    [record] = await approvals.history(tenant, envelope.id)
    assert (record.first_approved_by, record.decided_by) == ("ben", "ann")


async def test_one_person_can_reject_what_two_have_to_approve(
    backends: Backends, outbox: Outbox, approvals: Approvals, tenant: UUID
) -> None:
    rules = GuardrailSettings(tenant_id=tenant, approval_rules={"two_people": ["low"]})
    await backends.guardrails.save(rules, actor=operator("olga"))
    envelope = await _asked(outbox, tenant)

    rejected = await approvals.decide(
        tenant, envelope.id, decision=ApprovalDecision.REJECTED, code=RejectionCode.OTHER, digest="d1",
        actor=operator("olga"),
    )  # fmt: skip
    assert rejected.status is Status.REJECTED
