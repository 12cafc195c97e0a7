"""Cancel an envelope that has not been executed."""

from uuid import UUID

from services.approvals import ApprovalDecision, RejectionCode
from services.backends.memory.approvals import close_approval
from services.backends.memory.check_texts import actor_texts, check_texts
from services.backends.memory.envelopes import change_envelope, require_in_outbox
from services.backends.memory.lanes import lane_key
from services.backends.memory.state import State
from services.envelope import WAITING_STATUSES, Actor, Envelope, Status
from services.errors import StateConflict


def cancel(state: State, tenant: UUID, envelope: UUID, *, actor: Actor, reason: str | None) -> Envelope:
    """See `services.outbox.Outbox.cancel`."""
    check_texts(**actor_texts(actor), reason=reason)
    with state.change() as now:
        found = require_in_outbox(state, tenant, envelope)
        if found.id in state.lanes[lane_key(found)].in_flight:
            raise StateConflict("envelope", f"{found.id} is in flight; try again after it is settled")
        if found.status not in WAITING_STATUSES:
            raise StateConflict("envelope", f"{found.id} is already {found.status}")
        close_approval(
            state, found.key, decision=ApprovalDecision.REJECTED, by=actor.id, now=now, code=RejectionCode.CANCELLED
        )
        return change_envelope(state, found, Status.CANCELLED, event="cancelled", actor=actor, reason=reason, now=now)
