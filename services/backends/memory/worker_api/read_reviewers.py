"""How people decide."""

from collections.abc import Sequence
from datetime import datetime
from statistics import median
from uuid import UUID

from services.approvals import EVERY, ApprovalDecision, ApprovalRecord, RejectionCode, Reviewer
from services.backends.memory.state import State
from services.backends.memory.worker_api.list_decided import list_decided

MAX_DECISIONS = 10_000
NOT_BY_PEOPLE = {RejectionCode.TOOL_REJECTED, RejectionCode.CANCELLED}


def read_reviewers(state: State, tenant: UUID | None, *, decided_after: datetime) -> list[Reviewer]:
    """See `services.approvals.Approvals.reviewers`."""
    newest = list_decided(
        state, tenant, limit=MAX_DECISIONS, before=None, matching=EVERY, decided_by=None, decision=None
    )
    by_person: dict[str, list[ApprovalRecord]] = {}
    for each in newest:
        is_late = each.decided_at is None or each.decided_at <= decided_after
        if is_late or each.decision is ApprovalDecision.EXPIRED or each.rejection_code in NOT_BY_PEOPLE:
            continue
        by_person.setdefault(str(each.decided_by), []).append(each)
    rated = [_rate(reviewer, decisions) for reviewer, decisions in by_person.items()]
    return sorted(rated, key=lambda each: (-each.decisions, each.reviewer))


def _rate(reviewer: str, decisions: Sequence[ApprovalRecord]) -> Reviewer:
    approvals = [each for each in decisions if each.decision == ApprovalDecision.APPROVED]
    return Reviewer(
        reviewer=reviewer,
        decisions=len(decisions),
        approved=len(approvals),
        edited=sum(each.decided_digest is not None for each in approvals),
        rejected=len(decisions) - len(approvals),
        approved_shown=sum(each.shown_whole is True for each in approvals),
        approved_unread=sum(each.shown_whole is False for each in approvals),
        median_seconds=median(
            (each.decided_at - each.requested_at).total_seconds() for each in decisions if each.decided_at
        ),
    )
