"""`/v1/approvals`: approve, edit, reject and answer the calls that wait for a person, one or several at once."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Request
from pydantic import BaseModel, Field

from control_plane.api.answers import EnvelopeAnswer, envelope_answer, envelope_answers
from control_plane.api.bodies import StrictRoute
from control_plane.api.identity import Person, TenantId
from control_plane.api.problems import describe_error, log_error
from services.approvals import ApprovalDecision, RejectionCode
from services.decide_approval import decide_approval, decide_many
from services.envelope import Envelope
from services.errors import ControlPlaneError, DecisionConflict

router = APIRouter(prefix="/v1/approvals", route_class=StrictRoute, tags=["approvals"])
Digest = Annotated[
    str, Field(pattern=r"^[0-9a-f]{64}$", description="The digest of the call that you saw, from the list.")
]


class ShownCall(BaseModel, extra="forbid"):
    """A call as it was shown to whoever decides."""

    envelope_id: UUID
    digest: Digest


class BulkDecision(BaseModel, extra="forbid"):
    """One decision about several calls, each with the digest that was shown."""

    decision: Literal["approved", "rejected"]
    calls: list[ShownCall] = Field(min_length=1, max_length=200)
    code: RejectionCode | None = Field(
        default=None, description="With `rejected`: the rejection code, one word that the agent receives."
    )
    reason: str | None = Field(default=None, max_length=4000)


class Skipped(BaseModel):
    """A call that was not decided: the call has changed, somebody else has decided, the caller may not decide, or the
    database failed. After a database error, read the call again, because it may have been decided."""

    envelope_id: UUID
    problem: str
    current_digest: str | None = None
    decided_by: str | None = None
    decided_at: datetime | None = None


class BulkDecisionAnswer(BaseModel):
    """What was decided and what was skipped, in the order of the calls."""

    decided: list[EnvelopeAnswer]
    skipped: list[Skipped]


class Approve(BaseModel, extra="forbid"):
    """An approval of the call with this digest."""

    digest: Digest
    reason: str | None = Field(default=None, max_length=4000)
    arguments: dict[str, Any] | None = Field(
        default=None,
        description="Approve the call with these arguments instead. All of them, not only the changed ones.",
    )


class Reject(BaseModel, extra="forbid"):
    """A rejection of the call with this digest."""

    digest: Digest
    code: RejectionCode = Field(description="The rejection code, one word that the agent receives.")
    reason: str = Field(min_length=1, max_length=4000, description="The agent receives it.")


class Respond(BaseModel, extra="forbid"):
    """An answer to the agent in place of the call with this digest."""

    digest: Digest
    message: str = Field(min_length=1, max_length=4000, description="The agent receives it.")


@router.post("/bulk")
async def decide_bulk(
    request: Request, body: BulkDecision, caller: Person, tenant_id: TenantId = None
) -> BulkDecisionAnswer:
    """Decide several calls as they were shown. What has changed since is skipped and named.

    If the database fails after some calls were decided, the rest is skipped; 503 if it fails before. 403 if you may
    decide none of them.
    """
    results = await decide_many(
        caller.backends, caller.one_tenant(tenant_id), [(call.envelope_id, call.digest) for call in body.calls],
        decision=ApprovalDecision(body.decision), reason=body.reason, actor=caller.actor, code=body.code,
    )  # fmt: skip
    last = results[-1][1]
    if isinstance(last, ControlPlaneError):
        log_error(request, last)
    return BulkDecisionAnswer(
        decided=await envelope_answers(
            caller.backends, [result for _, result in results if isinstance(result, Envelope)]
        ),
        skipped=[_skipped(id_, result) for id_, result in results if not isinstance(result, Envelope)],
    )


@router.post("/{envelope_id}/approve")
async def approve(envelope_id: UUID, body: Approve, caller: Person, tenant_id: TenantId = None) -> EnvelopeAnswer:
    """Let exactly this call run, once, or the call with other arguments. The other guardrails still judge it.

    If the rules demand two people, the first approval leaves it `awaiting_approval`.

    409 when the call has changed since you saw it, and when somebody decided before you: `current_digest`,
    `decided_by` and `decided_at` tell more. 403 for whoever proposed the call.
    """
    envelope = await decide_approval(
        caller.backends, envelope_id, tenant=caller.one_tenant(tenant_id), decision=ApprovalDecision.APPROVED,
        digest=body.digest, reason=body.reason, actor=caller.actor, arguments=body.arguments,
    )  # fmt: skip
    return await envelope_answer(caller.backends, envelope)


@router.post("/{envelope_id}/reject")
async def reject(envelope_id: UUID, body: Reject, caller: Person, tenant_id: TenantId = None) -> EnvelopeAnswer:
    """Reject this call: it is never executed. The agent receives code and reason."""
    return await _reject(envelope_id, body.digest, body.code, body.reason, caller, tenant_id)


@router.post("/{envelope_id}/respond")
async def respond(envelope_id: UUID, body: Respond, caller: Person, tenant_id: TenantId = None) -> EnvelopeAnswer:
    """Send the agent an answer instead of running the call: it is rejected with the code `answered`."""
    return await _reject(envelope_id, body.digest, RejectionCode.ANSWERED, body.message, caller, tenant_id)


async def _reject(
    envelope_id: UUID, digest: str, code: RejectionCode, reason: str, caller: Person, tenant_id: UUID | None
) -> EnvelopeAnswer:
    envelope = await decide_approval(
        caller.backends, envelope_id, tenant=caller.one_tenant(tenant_id), decision=ApprovalDecision.REJECTED,
        digest=digest, reason=reason, actor=caller.actor, code=code,
    )  # fmt: skip
    return await envelope_answer(caller.backends, envelope)


def _skipped(envelope_id: UUID, why: ControlPlaneError) -> Skipped:
    if not isinstance(why, DecisionConflict):
        return Skipped(envelope_id=envelope_id, problem=describe_error(why))
    return Skipped(
        envelope_id=envelope_id, problem=str(why), current_digest=why.current_digest, decided_by=why.decided_by,
        decided_at=why.decided_at,
    )  # fmt: skip
