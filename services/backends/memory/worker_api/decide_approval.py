"""Record a person's decision about an envelope: approved or rejected."""

from dataclasses import replace
from datetime import datetime
from uuid import UUID

from services.approvals import ApprovalDecision, RejectionCode
from services.backends.memory.check_texts import actor_texts, check_texts
from services.backends.memory.envelopes import change_envelope
from services.backends.memory.state import ApprovalRow, State
from services.envelope import Actor, ActorType, Envelope, Status
from services.errors import DecisionConflict, InvalidInput, NotAllowed, NotFound
from services.jsonb import moment_text

DECISIONS = {ApprovalDecision.APPROVED: Status.PENDING, ApprovalDecision.REJECTED: Status.REJECTED}


def decide_approval(
    state: State,
    tenant: UUID,
    envelope: UUID,
    *,
    decision: ApprovalDecision,
    digest: str,
    actor: Actor,
    reason: str | None,
    code: RejectionCode | None = None,
) -> Envelope:
    """See `services.approvals.Approvals.decide`."""
    check_texts(decision=decision, digest=digest, code=code, reason=reason, **actor_texts(actor))
    if decision not in DECISIONS:
        raise InvalidInput("decision", f'"{decision}" is neither approved nor rejected')
    if (decision == ApprovalDecision.REJECTED) != (code is not None):
        raise InvalidInput("code", "is required to reject, and allowed for nothing else")
    with state.change() as now:
        approval = _newest_approval(state, tenant, envelope)
        if conflict := _conflict(approval, digest, now):
            raise DecisionConflict(
                *conflict,
                current_digest=approval.digest,
                decided_by=approval.decided_by,
                decided_at=approval.decided_at,
            )
        if decision == ApprovalDecision.APPROVED:
            _check_approver(state.outbox[tenant, envelope], actor)
        if code is not None and code not in set(RejectionCode):
            raise InvalidInput("rejection_code", "is too long, empty, or not one of the allowed values")
        state.approvals[approval.id] = replace(
            approval, decision=decision, decided_by=actor.id, decided_at=now, rejection_code=code
        )
        return change_envelope(
            state,
            state.outbox[tenant, envelope],
            DECISIONS[decision],
            event=decision,
            actor=actor,
            reason=reason,
            now=now,
            digest=digest if decision == ApprovalDecision.APPROVED else None,
            code=code,
        )


def _conflict(approval: ApprovalRow, digest: str, now: datetime) -> tuple[str, str] | None:
    """Why this approval cannot be decided now, as field and problem."""
    envelope = approval.envelope_id
    if approval.decision is not None and approval.decided_at is not None:
        when = moment_text(approval.decided_at)
        return "envelope", f"{envelope} was already {approval.decision} by {approval.decided_by} at {when}"
    if approval.digest != digest:
        return "digest", "the call has changed since you looked; list the approvals again"
    if approval.expires_at <= now:
        return "envelope", f"the approval of {envelope} expired at {approval.expires_at}"
    return None


def _check_approver(envelope: Envelope, actor: Actor) -> None:
    """Raises NotAllowed for an agent and for the proposer, whatever the door."""
    if actor.type is ActorType.AGENT:
        raise NotAllowed("actor_type: an agent may not approve a call")
    if envelope.proposer_id == actor.id:
        raise NotAllowed(f"envelope: {actor.id} proposed {envelope.id}, so somebody else has to approve it")


def _newest_approval(state: State, tenant: UUID, envelope: UUID) -> ApprovalRow:
    approvals = [each for each in state.approvals.values() if (each.tenant_id, each.envelope_id) == (tenant, envelope)]
    if not approvals:
        raise NotFound("envelope", envelope, f"{envelope} has no approval to decide")
    return approvals[-1]
