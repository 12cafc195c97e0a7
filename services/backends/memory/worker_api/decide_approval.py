"""Record a person's decision about an envelope: approved or rejected."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from services.approvals import ApprovalDecision, ApprovalRecord, EditedCall, RejectionCode
from services.backends.memory.catalog import raised_risk
from services.backends.memory.check_texts import actor_texts, check_texts
from services.backends.memory.column_rules import DOCUMENT_PROBLEM, check_document
from services.backends.memory.envelopes import change_envelope
from services.backends.memory.state import State
from services.envelope import MAX_PAYLOAD_BYTES, Actor, ActorType, Envelope, Status
from services.errors import DecisionConflict, InvalidInput, NotAllowed, NotFound
from services.jsonb import as_stored, is_equal, moment_text

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
    edited: EditedCall | None = None,
    shown_whole: bool | None = None,
) -> Envelope:
    """See `services.approvals.Approvals.decide`."""
    check_texts(
        decision=decision,
        digest=digest,
        code=code,
        edited_digest=None if edited is None else edited.digest,
        reason=reason,
        **actor_texts(actor),
    )
    _check_decision(decision, code, edited)
    if decision == ApprovalDecision.REJECTED and code is None:
        code = RejectionCode.OTHER
    with state.change() as now:
        approval = _newest_approval(state, tenant, envelope)
        if conflict := _conflict(approval, digest, now):
            raise DecisionConflict(
                *conflict,
                current_digest=approval.current_digest,
                decided_by=approval.decided_by,
                decided_at=approval.decided_at,
            )
        found = state.outbox[tenant, envelope]
        if (
            edited is not None
            and edited.digest == approval.current_digest
            and not is_equal(edited.arguments, found.arguments)
        ):
            problem = "is the digest of the call before the edit; send that of the edited call"
            raise InvalidInput("edited_digest", problem)
        is_first = False
        if decision == ApprovalDecision.APPROVED:
            _check_approver(state, found, actor)
            is_first = _is_first(state, approval, found, edited)
            if not is_first and approval.first_approved_by == actor.id:
                problem = f"{actor.id} has approved {envelope} before; a second person has to approve it too"
                raise NotAllowed(f"envelope: {problem}")
        if code is not None and code not in set(RejectionCode):
            raise InvalidInput("rejection_code", "is too long, empty, or not one of the allowed values")
        arguments = None if edited is None else as_stored(edited.arguments)
        check_document("arguments", arguments, MAX_PAYLOAD_BYTES)
        if edited is not None:
            approval = replace(approval, decided_arguments=arguments, decided_digest=edited.digest)
        if is_first:
            approval = replace(approval, first_approved_by=actor.id, first_approved_at=now)
        else:
            approval = replace(approval, decision=decision, decided_by=actor.id, decided_at=now)
        state.approvals[approval.id] = replace(
            approval, decision_reason=reason, rejection_code=code, shown_whole=shown_whole
        )
        return change_envelope(
            state,
            found,
            Status.AWAITING_APPROVAL if is_first else DECISIONS[decision],
            event="approved_once" if is_first else decision,
            actor=actor,
            reason=reason,
            now=now,
            digest=approval.current_digest if decision == ApprovalDecision.APPROVED else None,
            code=code,
            edited=arguments,
            proposed_digest=None if approval.decided_digest is None else approval.digest,
        )


def _check_decision(decision: ApprovalDecision, code: RejectionCode | None, edited: EditedCall | None) -> None:
    """Raise InvalidInput for arguments that exclude each other."""
    if decision not in DECISIONS:
        raise InvalidInput("decision", f'"{decision}" is neither approved nor rejected')
    if decision == ApprovalDecision.APPROVED and code is not None:
        raise InvalidInput("code", "is allowed only with a rejection")
    if edited is not None and (decision != ApprovalDecision.APPROVED or edited.arguments is None):
        raise InvalidInput("edited_digest", "is required with edited_arguments, and allowed only with an approval")
    if edited is not None and not isinstance(edited.arguments, Mapping):
        raise InvalidInput("arguments", DOCUMENT_PROBLEM)


def _conflict(approval: ApprovalRecord, digest: str, now: datetime) -> tuple[str, str] | None:
    """Why this approval cannot be decided now, as (field, problem); None if it can be decided."""
    envelope = approval.envelope_id
    if approval.decision is not None and approval.decided_at is not None:
        when = moment_text(approval.decided_at)
        return "envelope", f"{envelope} was already {approval.decision} by {approval.decided_by} at {when}"
    if approval.current_digest != digest:
        return "digest", "the call has changed since you looked; list the approvals again"
    if approval.expires_at <= now:
        return "envelope", f"the approval of {envelope} expired at {approval.expires_at}"
    return None


def _check_approver(state: State, envelope: Envelope, actor: Actor) -> None:
    """Raise NotAllowed if the actor is an agent, the proposer, or the issuer of a token of the proposing agent."""
    if actor.type is ActorType.AGENT:
        raise NotAllowed("actor_type: an agent may not approve a call")
    if envelope.proposer_id == actor.id:
        raise NotAllowed(f"envelope: {actor.id} proposed {envelope.id}, so somebody else has to approve it")
    for _, token in state.api_tokens.values():
        is_of_proposer = (token.tenant_id, f"agent:{token.agent}") == (envelope.tenant_id, envelope.proposed_by)
        if is_of_proposer and token.created_by == actor.id and token.created_at <= envelope.created_at:
            problem = f"{actor.id} issued an API token of the agent that proposed {envelope.id}"
            raise NotAllowed(f"envelope: {problem}, so somebody else has to approve it")


def _is_first(state: State, approval: ApprovalRecord, envelope: Envelope, edited: EditedCall | None) -> bool:
    """Whether a second person has to approve this call after this approval."""
    row = state.guardrails.get(envelope.tenant_id)
    if row is None or raised_risk(state, envelope) not in row[1].approval_rules.get("two_people", ()):
        return False
    return approval.first_approved_by is None or (edited is not None and edited.digest != approval.current_digest)


def _newest_approval(state: State, tenant: UUID, envelope: UUID) -> ApprovalRecord:
    approvals = [
        approval
        for approval in state.approvals.values()
        if (approval.tenant_id, approval.envelope_id) == (tenant, envelope)
    ]
    if not approvals:
        raise NotFound("envelope", envelope, f"{envelope} has no approval to decide")
    return approvals[-1]
