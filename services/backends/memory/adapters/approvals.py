"""Approvals in memory."""

from uuid import UUID

from services.approvals import Approval, ApprovalDecision, ApprovalRecord, EditedCall, RejectionCode, Reminders
from services.backends.memory.state import State
from services.backends.memory.worker_api.decide_approval import decide_approval
from services.backends.memory.worker_api.expire_approvals import expire_approvals
from services.backends.memory.worker_api.list_approvals import list_approvals
from services.backends.memory.worker_api.list_decisions import list_decisions
from services.backends.memory.worker_api.remind_approvers import remind_approvers
from services.envelope import Actor, Envelope


class MemoryApprovals:
    """See `services.approvals.Approvals`."""

    def __init__(self, state: State) -> None:
        self._state = state

    async def list_open(self, tenant: UUID | None = None, *, envelope: UUID | None = None) -> list[Approval]:
        return list_approvals(self._state, tenant, envelope=envelope)

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
        )

    async def history(self, tenant: UUID, envelope: UUID) -> list[ApprovalRecord]:
        return list_decisions(self._state, tenant, envelope)

    async def expire(self, *, actor: Actor) -> int:
        return expire_approvals(self._state, actor=actor)

    async def remind(self, *, actor: Actor) -> Reminders:
        return remind_approvers(self._state, actor=actor)
