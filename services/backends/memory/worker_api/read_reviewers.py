"""Count how people decide about approvals."""

from collections.abc import Sequence
from datetime import datetime
from statistics import median
from uuid import UUID

from services.approvals import ALL_APPROVALS, ApprovalDecision, ApprovalRecord, RejectionCode, Reviewer
from services.backends.memory.state import State
from services.backends.memory.worker_api.list_decided import list_decided

MAX_DECISIONS = 10_000
CODES_NOT_FROM_PEOPLE = {RejectionCode.TOOL_REJECTED, RejectionCode.CANCELLED}


def read_reviewers(state: State, tenant: UUID | None, *, decided_after: datetime) -> list[Reviewer]:
    """See `services.approvals.Approvals.reviewers`."""
    newest = list_decided(
        state, tenant, limit=MAX_DECISIONS, before=None, matching=ALL_APPROVALS, decided_by=None, decision=None
    )
    by_person: dict[str, list[ApprovalRecord]] = {}
    for approval in newest:
        is_late = approval.decided_at is None or approval.decided_at <= decided_after
        if is_late or approval.decision is ApprovalDecision.EXPIRED or approval.rejection_code in CODES_NOT_FROM_PEOPLE:
            continue
        by_person.setdefault(str(approval.decided_by), []).append(approval)
    rated = [_count_decisions(reviewer, decisions) for reviewer, decisions in by_person.items()]
    return sorted(rated, key=lambda reviewer: (-reviewer.decisions, reviewer.reviewer))


def _count_decisions(reviewer: str, decisions: Sequence[ApprovalRecord]) -> Reviewer:
    approvals = [approval for approval in decisions if approval.decision == ApprovalDecision.APPROVED]
    return Reviewer(
        reviewer=reviewer,
        decisions=len(decisions),
        approved=len(approvals),
        edited=sum(approval.decided_digest is not None for approval in approvals),
        rejected=len(decisions) - len(approvals),
        approved_shown=sum(approval.shown_whole is True for approval in approvals),
        approved_unread=sum(approval.shown_whole is False for approval in approvals),
        median_seconds=median(
            (approval.decided_at - approval.requested_at).total_seconds()
            for approval in decisions
            if approval.decided_at
        ),
    )
