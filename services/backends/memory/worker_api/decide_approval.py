"""Record a person's decision about an envelope: approved or rejected."""

from dataclasses import replace
from uuid import UUID

from services.approvals import ApprovalDecision
from services.backends.memory.check_texts import actor_texts, check_texts
from services.backends.memory.envelopes import change_envelope
from services.backends.memory.state import ApprovalRow, State
from services.envelope import Actor, Envelope, Status
from services.errors import InvalidInput, NotFound, StateConflict

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
) -> Envelope:
    """See `services.approvals.Approvals.decide`."""
    check_texts(decision=decision, digest=digest, **actor_texts(actor), reason=reason)
    if decision not in DECISIONS:
        raise InvalidInput("decision", f'"{decision}" is neither approved nor rejected')
    with state.change() as now:
        approval = _newest_approval(state, tenant, envelope)
        if approval.decision is not None:
            raise StateConflict("envelope", f"{envelope} was already {approval.decision} by {approval.decided_by}")
        if approval.digest != digest:
            raise StateConflict("digest", "the call has changed since you looked; list the approvals again")
        if approval.expires_at <= now:
            raise StateConflict("envelope", f"the approval of {envelope} expired at {approval.expires_at}")
        state.approvals[approval.id] = replace(approval, decision=decision, decided_by=actor.id)
        return change_envelope(
            state,
            state.outbox[tenant, envelope],
            DECISIONS[decision],
            event=decision,
            actor=actor,
            reason=reason,
            now=now,
            digest=digest if decision == ApprovalDecision.APPROVED else None,
        )


def _newest_approval(state: State, tenant: UUID, envelope: UUID) -> ApprovalRow:
    approvals = [each for each in state.approvals.values() if (each.tenant_id, each.envelope_id) == (tenant, envelope)]
    if not approvals:
        raise NotFound("envelope", envelope, f"{envelope} has no approval to decide")
    return approvals[-1]
