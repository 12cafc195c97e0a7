"""List, decide and expire approvals in the database."""

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
from services.backends.functions import Functions, by
from services.backends.rows.outbox import envelope_from_row
from services.backends.rows.reading import NEVER, Reader
from services.envelope import Actor, Envelope
from services.outbox import PageEnd

APPROVAL_READER = Reader(Approval, requested_at=NEVER, expires_at=NEVER, reminded_at=None, escalated_at=None)
"""Reads an element of `worker_api.list_approvals`."""

RECORD_READER = Reader(
    ApprovalRecord, requested_at=NEVER, expires_at=NEVER, decided_at=None, first_approved_at=None,
    decided_arguments=None, reminded_at=None, escalated_at=None, risk=None,
)  # fmt: skip
"""Reads an element of `worker_api.list_decisions` and `worker_api.list_decided`."""

REVIEWER_READER = Reader(Reviewer)
"""Reads an element of `worker_api.read_reviewers`."""

VIEWER_READER = Reader(Viewer, seen_at=NEVER)
"""Reads an element of `worker_api.look_at_approval` and `worker_api.list_viewers`."""


class DatabaseApprovals:
    """See `services.approvals.Approvals`."""

    def __init__(self, functions: Functions) -> None:
        self._functions = functions

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
        rows = await self._functions.call(
            "list_approvals", tenant=tenant, envelope=envelope, max_approvals=limit, sort=order,
            after_moment=after and after[0], after_id=after and after[1], **_filter_arguments(matching),
        )  # fmt: skip
        return [APPROVAL_READER.read({**row, "envelope": envelope_from_row(row["envelope"])}) for row in rows]

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
        rows = await self._functions.call(
            "list_decided", tenant=tenant, max_approvals=limit, before_decided_at=before and before[0],
            before_id=before and before[1], **_filter_arguments(matching), decided_by=decided_by, decision=decision,
        )  # fmt: skip
        return [RECORD_READER.read(row) for row in rows]

    async def reviewers(self, tenant: UUID | None, *, decided_after: datetime) -> list[Reviewer]:
        rows = await self._functions.call("read_reviewers", tenant=tenant, decided_after=decided_after)
        return [REVIEWER_READER.read(row) for row in rows]

    async def look(self, tenant: UUID, envelope: UUID, *, actor: Actor) -> list[Viewer]:
        rows = await self._functions.call(
            "look_at_approval", tenant=tenant, envelope=envelope, actor_type=actor.type, actor_id=actor.id,
            as_of=self._functions.as_of(),
        )  # fmt: skip
        return [VIEWER_READER.read(row) for row in rows]

    async def viewers(self, tenant: UUID | None = None) -> list[Viewer]:
        rows = await self._functions.call("list_viewers", tenant=tenant, as_of=self._functions.as_of())
        return [VIEWER_READER.read(row) for row in rows]

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
        row = await self._functions.call(
            "decide_approval", tenant=tenant, envelope=envelope, decision=decision, digest=digest, **by(actor),
            reason=reason, code=code, edited_arguments=edited and edited.arguments,
            edited_digest=edited and edited.digest, shown_whole=shown_whole, as_of=self._functions.as_of(),
        )  # fmt: skip
        return envelope_from_row(row)

    async def history(self, tenant: UUID, envelope: UUID) -> list[ApprovalRecord]:
        rows = await self._functions.call("list_decisions", tenant=tenant, envelope=envelope)
        return [RECORD_READER.read(row) for row in rows]

    async def expire(self, *, actor: Actor) -> int:
        expired: int = await self._functions.call("expire_approvals", **by(actor), as_of=self._functions.as_of())
        return expired

    async def remind(self, *, actor: Actor) -> Reminders:
        counts = await self._functions.call("remind_approvers", **by(actor), as_of=self._functions.as_of())
        return Reminders(**counts)


def _filter_arguments(matching: ApprovalFilter) -> dict[str, object]:
    """The arguments of a list that filter its rows."""
    return {"tool_slug": matching.tool_slug, "risk": matching.risk, "agent": matching.agent}
