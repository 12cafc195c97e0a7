"""Approvals in memory."""

from datetime import datetime
from uuid import UUID

from services.approvals import (
    ALL_APPROVALS,
    Approval,
    ApprovalDecision,
    ApprovalFilter,
    ApprovalOrder,
    ApprovalRecord,
    EditedCall,
    RejectionCode,
    Reminders,
    Reviewer,
    Viewer,
)
from services.backends.memory.state import State
from services.backends.memory.worker_api.decide_approval import decide_approval
from services.backends.memory.worker_api.expire_approvals import expire_approvals
from services.backends.memory.worker_api.list_approvals import list_approvals
from services.backends.memory.worker_api.list_decided import list_decided
from services.backends.memory.worker_api.list_decisions import list_decisions
from services.backends.memory.worker_api.list_viewers import list_viewers
from services.backends.memory.worker_api.look_at_approval import look_at_approval
from services.backends.memory.worker_api.read_reviewers import read_reviewers
from services.backends.memory.worker_api.remind_approvers import remind_approvers
from services.envelope import Actor, Envelope
from services.outbox import PageEnd


class MemoryApprovals:
    """See `services.approvals.Approvals`."""

    def __init__(self, state: State) -> None:
        self._state = state

    async def list_open(
        self,
        tenant: UUID | None = None,
        *,
        envelope: UUID | None = None,
        limit: int = 1000,
        order: ApprovalOrder = ApprovalOrder.OLDEST,
        after: PageEnd | None = None,
        matching: ApprovalFilter = ALL_APPROVALS,
    ) -> list[Approval]:
        return list_approvals(
            self._state, tenant, envelope=envelope, limit=limit, order=order, after=after, matching=matching
        )

    async def list_decided(
        self,
        tenant: UUID | None,
        *,
        limit: int,
        before: PageEnd | None = None,
        matching: ApprovalFilter = ALL_APPROVALS,
        decided_by: str | None = None,
        decision: ApprovalDecision | None = None,
    ) -> list[ApprovalRecord]:
        return list_decided(
            self._state, tenant, limit=limit, before=before, matching=matching, decided_by=decided_by, decision=decision
        )

    async def reviewers(self, tenant: UUID | None, *, decided_after: datetime) -> list[Reviewer]:
        return read_reviewers(self._state, tenant, decided_after=decided_after)

    async def look(self, tenant: UUID, envelope: UUID, *, actor: Actor) -> list[Viewer]:
        return look_at_approval(self._state, tenant, envelope, actor=actor)

    async def viewers(self, tenant: UUID | None = None) -> list[Viewer]:
        return list_viewers(self._state, tenant)

    async def decide(
        self,
        tenant: UUID,
        envelope: UUID,
        *,
        decision: ApprovalDecision,
        digest: str,
        actor: Actor,
        reason: str | None = None,
        code: RejectionCode | None = None,
        edited: EditedCall | None = None,
        shown_whole: bool | None = None,
    ) -> Envelope:
        return decide_approval(
            self._state,
            tenant,
            envelope,
            decision=decision,
            digest=digest,
            actor=actor,
            reason=reason,
            code=code,
            edited=edited,
            shown_whole=shown_whole,
        )

    async def history(self, tenant: UUID, envelope: UUID) -> list[ApprovalRecord]:
        return list_decisions(self._state, tenant, envelope)

    async def expire(self, *, actor: Actor) -> int:
        return expire_approvals(self._state, actor=actor)

    async def remind(self, *, actor: Actor) -> Reminders:
        return remind_approvers(self._state, actor=actor)
