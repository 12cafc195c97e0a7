"""Approvals nobody has decided."""

from dataclasses import replace

from services.approvals import ApprovalDecision
from services.backends.memory.state import KeptApproval, State
from services.envelope import EnvelopeKey

AT_ONCE = 1000
"""That one call lists, or closes."""


def open_approvals(state: State) -> list[KeptApproval]:
    """Of all tenants."""
    return [each for each in state.approvals.values() if each.decision is None]


def close_approval(state: State, envelope: EnvelopeKey, *, decision: ApprovalDecision, by: str) -> None:
    """The open approval of this envelope, if it has one."""
    for each in open_approvals(state):
        if (each.tenant_id, each.envelope_id) == envelope:
            state.approvals[each.id] = replace(each, decision=decision, decided_by=by)
