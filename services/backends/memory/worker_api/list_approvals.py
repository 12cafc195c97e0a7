"""List the approvals that wait for a person."""

from uuid import UUID

from services.approvals import Approval
from services.backends.memory.approvals import MAX_PER_CALL, open_approvals
from services.backends.memory.state import State


def list_approvals(state: State, tenant: UUID | None, *, envelope: UUID | None) -> list[Approval]:
    """See `services.approvals.Approvals.list_open`."""
    return [
        Approval(
            id=approval.id,
            envelope=state.outbox[approval.tenant_id, approval.envelope_id],
            digest=approval.current_digest,
            first_approved_by=approval.first_approved_by,
            reason=approval.reason,
            requested_at=approval.requested_at,
            expires_at=approval.expires_at,
            reminded_at=approval.reminded_at,
            escalated_at=approval.escalated_at,
            escalated_to=approval.escalated_to,
            escalation_level=approval.escalation_level,
        )
        for approval in sorted(open_approvals(state), key=lambda approval: (approval.requested_at, approval.id))
        if tenant in {None, approval.tenant_id} and envelope in {None, approval.envelope_id}
    ][:MAX_PER_CALL]
