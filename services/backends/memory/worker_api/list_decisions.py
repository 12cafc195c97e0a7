"""List every approval of one envelope."""

from uuid import UUID

from services.approvals import ApprovalRecord
from services.backends.memory.state import State

MAX_DECISIONS = 100


def list_decisions(state: State, tenant: UUID, envelope: UUID) -> list[ApprovalRecord]:
    """See `services.approvals.Approvals.history`."""
    found = [each for each in state.approvals.values() if (each.tenant_id, each.envelope_id) == (tenant, envelope)]
    return sorted(found, key=lambda each: (each.requested_at, each.id))[-MAX_DECISIONS:]
