"""List the approvals that wait for a person."""

from datetime import datetime
from uuid import UUID

from services.approvals import Approval, ApprovalFilter, ApprovalOrder, ApprovalRecord
from services.backends.memory.approvals import matches, open_approvals
from services.backends.memory.state import State
from services.outbox import PageEnd


def list_approvals(
    state: State,
    tenant: UUID | None,
    *,
    envelope: UUID | None,
    limit: int,
    order: ApprovalOrder,
    after: PageEnd | None,
    matching: ApprovalFilter,
) -> list[Approval]:
    """See `services.approvals.Approvals.list_open`."""

    def key(approval: ApprovalRecord) -> tuple[datetime, UUID]:
        return approval.expires_at if order is ApprovalOrder.EXPIRING else approval.requested_at, approval.id

    if envelope is not None:
        found = [approval for approval in open_approvals(state) if approval.envelope_id == envelope]
    else:
        found = [
            approval
            for approval in open_approvals(state)
            if matches(approval, matching) and (after is None or key(approval) > after)
        ]
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
        for approval in sorted(found, key=key)
        if tenant in {None, approval.tenant_id}
    ][:limit]
