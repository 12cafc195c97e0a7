"""`/v1/approvals`: what waits for a person, and their word on it."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter
from pydantic import BaseModel, Field

from control_plane.api.answers import EnvelopeAnswer, envelope_answer
from control_plane.api.identity import Person, Reader, TenantId
from services.approvals import Approval, ApprovalDecision, RejectionCode
from services.decide_approval import decide_approval, list_approvals

router = APIRouter(prefix="/v1/approvals", tags=["approvals"])
Digest = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$", description="Of the call you saw, as the list shows it.")]


class ApprovalAnswer(BaseModel):
    """An envelope that waits for a person. What the tool's schema calls secret is left out of the arguments."""

    id: UUID
    envelope: EnvelopeAnswer
    digest: str
    reason: str
    requested_at: datetime
    expires_at: datetime


class ApprovalList(BaseModel):
    """The oldest first, at most 1000."""

    items: list[ApprovalAnswer]


class Approve(BaseModel, extra="forbid"):
    digest: Digest
    reason: str | None = Field(default=None, max_length=4000)


class Reject(BaseModel, extra="forbid"):
    digest: Digest
    code: RejectionCode = Field(description="Why, as one word for the agent.")
    reason: str = Field(min_length=1, max_length=4000, description="The agent receives it.")


class Respond(BaseModel, extra="forbid"):
    digest: Digest
    message: str = Field(min_length=1, max_length=4000, description="The agent receives it.")


@router.get("")
async def list_open(caller: Reader, tenant_id: TenantId = None) -> ApprovalList:
    """What waits for a person, the oldest first."""
    waiting = await list_approvals(caller.backends, caller.some_tenant(tenant_id))
    return ApprovalList(items=[_answer(approval) for approval in waiting])


@router.post("/{envelope_id}/approve")
async def approve(envelope_id: UUID, body: Approve, caller: Person, tenant_id: TenantId = None) -> EnvelopeAnswer:
    """Let exactly this call run, once. The other guardrails still judge it.

    409 when the call has changed since you saw it, and when somebody decided before you: `current_digest`,
    `decided_by` and `decided_at` tell more. 403 for whoever proposed the call.
    """
    return await _decide(envelope_id, ApprovalDecision.APPROVED, body.digest, body.reason, caller, tenant_id)


@router.post("/{envelope_id}/reject")
async def reject(envelope_id: UUID, body: Reject, caller: Person, tenant_id: TenantId = None) -> EnvelopeAnswer:
    """Never run this call. The agent receives code and reason."""
    rejected = ApprovalDecision.REJECTED
    return await _decide(envelope_id, rejected, body.digest, body.reason, caller, tenant_id, body.code)


@router.post("/{envelope_id}/respond")
async def respond(envelope_id: UUID, body: Respond, caller: Person, tenant_id: TenantId = None) -> EnvelopeAnswer:
    """Send the agent an answer instead of running the call: it is rejected with the code `answered`."""
    rejected = ApprovalDecision.REJECTED
    return await _decide(envelope_id, rejected, body.digest, body.message, caller, tenant_id, RejectionCode.ANSWERED)


async def _decide(
    envelope_id: UUID,
    decision: ApprovalDecision,
    digest: str,
    reason: str | None,
    caller: Person,
    tenant_id: UUID | None,
    code: RejectionCode | None = None,
) -> EnvelopeAnswer:
    tenant = caller.one_tenant(tenant_id)
    envelope = await decide_approval(
        caller.backends, envelope_id, tenant=tenant, decision=decision, digest=digest, reason=reason,
        actor=caller.actor, code=code,
    )  # fmt: skip
    return envelope_answer(envelope)


def _answer(approval: Approval) -> ApprovalAnswer:
    return ApprovalAnswer(
        id=approval.id, envelope=envelope_answer(approval.envelope), digest=approval.digest, reason=approval.reason,
        requested_at=approval.requested_at, expires_at=approval.expires_at,
    )  # fmt: skip
