"""Approvals that change the call, and calls that two people must approve."""

from uuid import UUID

import pytest

from services.approvals import ApprovalDecision, Approvals, EditedCall, RejectionCode
from services.audit_log import AuditLogger
from services.backends import Backends
from services.envelope import Actor, ActorType, Envelope, Status
from services.errors import DecisionConflict, InvalidInput, NotAllowed, StateConflict
from services.guardrails import GuardrailSettings
from services.outbox import Disposition, Outbox
from tests.builders import AGENT, NOW, operator
from tests.contract.builders import (
    a_proposal,
    an_envelope_to_approve,
    close,
    decision_entry,
    events,
    last_entry,
    take_one,
)

EDITED = EditedCall(arguments={"channel": "#general", "text": "goodbye", "n": 1.5}, digest="d2")


async def test_an_edited_call_keeps_what_was_proposed_decided_and_is_in_effect(
    outbox: Outbox, approvals: Approvals, audit_log: AuditLogger, tenant: UUID
) -> None:
    envelope = await an_envelope_to_approve(outbox, tenant)

    approved = await approvals.decide(
        tenant, envelope.id, decision=ApprovalDecision.APPROVED, digest="d1", actor=operator("olga"), edited=EDITED
    )

    assert (approved.status, approved.arguments) == (Status.PENDING, EDITED.arguments)
    assert (approved.approved_digest, approved.proposed_arguments) == ("d2", envelope.arguments)
    [record] = await approvals.history(tenant, envelope.id)
    assert (record.digest, record.decided_digest, record.decided_arguments) == ("d1", "d2", EDITED.arguments)
    assert (record.decision, record.decided_by, record.decided_at) == (ApprovalDecision.APPROVED, "olga", NOW)
    assert await last_entry(audit_log, tenant) == decision_entry(
        envelope, "approved", {"status": "pending", "digest": "d2", "proposed_digest": "d1"}
    )
    claimed = await take_one(outbox)
    assert claimed.envelope.arguments == EDITED.arguments
    await close(outbox, claimed, Disposition.SUCCESS, digest="d2", result={"ok": True})
    assert (await last_entry(audit_log, tenant)).payload["digest"] == "d2"


async def test_an_edited_envelope_is_still_found_by_the_arguments_that_were_proposed(
    outbox: Outbox, approvals: Approvals, tenant: UUID
) -> None:
    envelope = await an_envelope_to_approve(outbox, tenant)
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
    envelope = await an_envelope_to_approve(outbox, tenant)
    with pytest.raises(InvalidInput):
        await approvals.decide(
            tenant, envelope.id, decision=ApprovalDecision.REJECTED, code=RejectionCode.OTHER, digest="d1",
            actor=operator("olga"), edited=EDITED,
        )  # fmt: skip


async def test_an_edit_does_not_pass_under_the_digest_of_the_call_before_it(
    outbox: Outbox, approvals: Approvals, tenant: UUID
) -> None:
    envelope = await an_envelope_to_approve(outbox, tenant)

    with pytest.raises(InvalidInput) as raised:
        await approvals.decide(
            tenant, envelope.id, decision=ApprovalDecision.APPROVED, digest="d1", actor=operator("olga"),
            edited=EditedCall(arguments=EDITED.arguments, digest="d1"),
        )  # fmt: skip
    assert raised.value.field == "edited_digest"
    assert await outbox.get(tenant, envelope.id) == envelope

    unedited = EditedCall(arguments=envelope.arguments, digest="d1")
    approved = await approvals.decide(
        tenant, envelope.id, decision=ApprovalDecision.APPROVED, digest="d1", actor=operator("olga"), edited=unedited
    )
    assert (approved.status, approved.approved_digest) == (Status.PENDING, "d1")


async def test_two_people_approve_where_the_rules_demand_it(
    backends: Backends, outbox: Outbox, approvals: Approvals, audit_log: AuditLogger, tenant: UUID
) -> None:
    rules = GuardrailSettings(tenant_id=tenant, approval_rules={"two_people": ["low"]})
    await backends.guardrails.save(rules, actor=operator("olga"))
    envelope = await an_envelope_to_approve(outbox, tenant)

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
    envelope = await an_envelope_to_approve(outbox, tenant)

    rejected = await approvals.decide(
        tenant, envelope.id, decision=ApprovalDecision.REJECTED, code=RejectionCode.OTHER, digest="d1",
        actor=operator("olga"),
    )  # fmt: skip
    assert rejected.status is Status.REJECTED
