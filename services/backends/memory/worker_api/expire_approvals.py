"""Expire the approvals that nobody decided in time."""

from services.approvals import ApprovalDecision
from services.backends.memory.approvals import MAX_PER_CALL, close_approval, open_approvals
from services.backends.memory.check_texts import actor_texts, check_texts
from services.backends.memory.envelopes import change_envelope
from services.backends.memory.state import State
from services.envelope import DEADLINE_PASSED, Actor, Status


def expire_approvals(state: State, *, actor: Actor) -> int:
    """See `services.approvals.Approvals.expire`."""
    check_texts(**actor_texts(actor))
    with state.change() as now:
        late = [approval for approval in open_approvals(state) if approval.expires_at <= now]
        late = sorted(late, key=lambda approval: (approval.tenant_id, approval.envelope_id))[:MAX_PER_CALL]
        for approval in late:
            envelope = state.outbox[approval.tenant_id, approval.envelope_id]
            close_approval(state, envelope.key, decision=ApprovalDecision.EXPIRED, by=actor.id, now=now)
            reason = DEADLINE_PASSED if envelope.is_late(now) else "nobody decided in time"
            change_envelope(state, envelope, Status.EXPIRED, event="expired", actor=actor, reason=reason, now=now)
        return len(late)
