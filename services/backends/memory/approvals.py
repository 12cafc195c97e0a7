"""List and close open approvals."""

from dataclasses import replace
from datetime import datetime

from services.approvals import ApprovalDecision, ApprovalFilter, ApprovalRecord, RejectionCode
from services.backends.memory.state import State
from services.envelope import EnvelopeKey

MAX_PER_CALL = 1000
"""The largest number of approvals that one call lets expire, and of reminders that one call records."""


def open_approvals(state: State) -> list[ApprovalRecord]:
    """The approvals of all tenants that have no decision."""
    return [approval for approval in state.approvals.values() if approval.decision is None]


def matches(approval: ApprovalRecord, matching: ApprovalFilter) -> bool:
    """Whether the approval meets all conditions of the filter."""
    return (
        matching.tool_slug in {None, approval.tool_slug}
        and matching.risk in {None, approval.risk}
        and (matching.agent is None or approval.proposed_by == f"agent:{matching.agent}")
    )


def close_approval(
    state: State, envelope: EnvelopeKey, *, decision: ApprovalDecision, by: str, now: datetime,
    code: RejectionCode | None = None,
) -> None:  # fmt: skip
    """Record the decision in the envelope's open approval. Does nothing if the envelope has no open approval."""
    for approval in open_approvals(state):
        if (approval.tenant_id, approval.envelope_id) == envelope:
            state.approvals[approval.id] = replace(
                approval, decision=decision, decided_by=by, decided_at=now, rejection_code=code
            )
