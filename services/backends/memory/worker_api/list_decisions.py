"""List every approval of one envelope."""

from uuid import UUID

from services.approvals import ApprovalRecord
from services.backends.memory.state import State

MAX_DECISIONS = 100


def list_decisions(state: State, tenant: UUID, envelope: UUID) -> list[ApprovalRecord]:
    """See `services.approvals.Approvals.history`."""
    found = [
        approval
        for approval in state.approvals.values()
        if (approval.tenant_id, approval.envelope_id) == (tenant, envelope)
    ]
    return sorted(found, key=lambda approval: (approval.requested_at, approval.id))[-MAX_DECISIONS:]
