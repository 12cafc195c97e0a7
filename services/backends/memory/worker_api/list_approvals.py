"""List the approvals that wait for a person."""

from uuid import UUID

from services.approvals import Approval
from services.backends.memory.approvals import MAX_PER_CALL, open_approvals
from services.backends.memory.state import State


def list_approvals(state: State, tenant: UUID | None, *, envelope: UUID | None) -> list[Approval]:
    """See `services.approvals.Approvals.list_open`."""
    return [
        Approval(
            id=each.id,
            envelope=state.outbox[each.tenant_id, each.envelope_id],
            digest=each.current_digest,
            first_approved_by=each.first_approved_by,
            reason=each.reason,
            requested_at=each.requested_at,
            expires_at=each.expires_at,
        )
        for each in sorted(open_approvals(state), key=lambda each: (each.requested_at, each.id))
        if tenant in {None, each.tenant_id} and envelope in {None, each.envelope_id}
    ][:MAX_PER_CALL]
