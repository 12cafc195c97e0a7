"""List, decide and expire approvals in the database."""

from uuid import UUID

from services.approvals import Approval, ApprovalDecision, ApprovalRecord, EditedCall, RejectionCode, Reminders
from services.backends.database.transport.functions import Functions, by
from services.backends.rows.outbox import envelope_from_row
from services.backends.rows.reading import NEVER, Reader
from services.envelope import Actor, Envelope

APPROVAL = Reader(Approval, requested_at=NEVER, expires_at=NEVER, reminded_at=None, escalated_at=None)
"""Reads an element of `worker_api.list_approvals`."""

RECORD = Reader(
    ApprovalRecord, requested_at=NEVER, expires_at=NEVER, decided_at=None, first_approved_at=None,
    decided_arguments=None, reminded_at=None, escalated_at=None,
)  # fmt: skip
"""Reads an element of `worker_api.list_decisions`."""


class DatabaseApprovals:
    """See `services.approvals.Approvals`."""

    def __init__(self, functions: Functions) -> None:
        self._functions = functions

    async def list_open(self, tenant: UUID | None = None, *, envelope: UUID | None = None) -> list[Approval]:
        rows = await self._functions.call("list_approvals", tenant=tenant, envelope=envelope)
        return [APPROVAL.read({**row, "envelope": envelope_from_row(row["envelope"])}) for row in rows]

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
        row = await self._functions.call(
            "decide_approval", tenant=tenant, envelope=envelope, decision=decision, digest=digest, **by(actor),
            reason=reason, code=code, edited_arguments=edited and edited.arguments,
            edited_digest=edited and edited.digest, as_of=self._functions.as_of(),
        )  # fmt: skip
        return envelope_from_row(row)

    async def history(self, tenant: UUID, envelope: UUID) -> list[ApprovalRecord]:
        rows = await self._functions.call("list_decisions", tenant=tenant, envelope=envelope)
        return [RECORD.read(row) for row in rows]

    async def expire(self, *, actor: Actor) -> int:
        expired: int = await self._functions.call("expire_approvals", **by(actor), as_of=self._functions.as_of())
        return expired

    async def remind(self, *, actor: Actor) -> Reminders:
        taken = await self._functions.call("remind_approvers", **by(actor), as_of=self._functions.as_of())
        return Reminders(**taken)
