"""List decided approvals, the newest decision first."""

from datetime import datetime
from uuid import UUID

from services.approvals import ApprovalDecision, ApprovalFilter, ApprovalRecord
from services.backends.memory.approvals import matches
from services.backends.memory.state import State
from services.outbox import PageEnd


def list_decided(
    state: State,
    tenant: UUID | None,
    *,
    limit: int,
    before: PageEnd | None,
    matching: ApprovalFilter,
    decided_by: str | None,
    decision: ApprovalDecision | None,
) -> list[ApprovalRecord]:
    """See `services.approvals.Approvals.list_decided`."""
    found = [
        approval
        for approval in state.approvals.values()
        if approval.decided_at is not None
        and tenant in {None, approval.tenant_id}
        and matches(approval, matching)
        and decided_by in {None, approval.decided_by}
        and decision in {None, approval.decision}
        and (before is None or (approval.decided_at, approval.id) < before)
    ]
    return sorted(found, key=_sort_key, reverse=True)[:limit]


def _sort_key(approval: ApprovalRecord) -> tuple[datetime | None, UUID]:
    return approval.decided_at, approval.id
