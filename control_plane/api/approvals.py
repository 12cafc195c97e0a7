"""`/v1/approvals`: the calls that wait for a decision of a person, and the decisions."""

from datetime import datetime, timedelta
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel, Field

from control_plane.api.answers import Answer, EnvelopeAnswer, answer_of_shown, envelope_answer, envelope_answers
from control_plane.api.bodies import json_body, read_model
from control_plane.api.identity import Person, Reader, TenantId
from control_plane.api.pages import After, Cursors, Limit, Page, page_of
from control_plane.api.problems import describe_error, log_error
from services.approvals import Approval, ApprovalDecision, ApprovalFilter, ApprovalOrder, RejectionCode
from services.clock import utc_now
from services.decide_approval import decide_approval, decide_many
from services.envelope import Envelope, Risk
from services.errors import ControlPlaneError, DecisionConflict
from services.show_approvals import decided_end, list_approvals, list_decided, page_end, read_history, read_reviewers

router = APIRouter(prefix="/v1/approvals", tags=["approvals"])
Digest = Annotated[
    str, Field(pattern=r"^[0-9a-f]{64}$", description="The digest of the call that you saw, from the list.")
]
ToolSlug = Annotated[str | None, Query(max_length=255, description="Only calls of this tool.")]
OfRisk = Annotated[Risk | None, Query(description="Only calls of this risk.")]
OfAgent = Annotated[str | None, Query(max_length=255, description="Only calls that this agent proposed.")]


Order = Annotated[ApprovalOrder, Query(description="The oldest request first, or what expires first.")]


class ApprovalAnswer(BaseModel):
    """An envelope that waits for a person. What the tool's schema calls secret is left out of the arguments."""

    id: UUID
    envelope: EnvelopeAnswer
    digest: str
    reason: str
    requested_at: datetime
    expires_at: datetime
    first_approved_by: str | None = Field(description="Who has approved it, if a second person must approve it too.")
    reminded_at: datetime | None = Field(description="When people were last reminded of it.")
    escalated_at: datetime | None = Field(description="When it was last escalated.")
    escalated_to: str | None = Field(description="The role to which it was last escalated.", examples=["owner"])
    escalation_level: int = Field(description="How often it has been escalated.", examples=[1])
    hidden_characters: list[str] = Field(
        description="Warning: the paths of texts with control, format or separator characters, shown as \\u{202e}."
    )


class Call(BaseModel, extra="forbid"):
    envelope_id: UUID
    digest: Digest


class Bulk(BaseModel, extra="forbid"):
    """One decision about several calls, each with the digest that was shown."""

    decision: Literal["approved", "rejected"]
    calls: list[Call] = Field(min_length=1, max_length=200)
    code: RejectionCode | None = Field(default=None, description="With `rejected`: why, as one word for the agent.")
    reason: str | None = Field(default=None, max_length=4000)


class Skipped(BaseModel):
    """A call that was not decided: it has changed, somebody else decided it, the caller may not, or the database failed
    (then it may have been decided: look again)."""

    envelope_id: UUID
    problem: str
    current_digest: str | None = None
    decided_by: str | None = None
    decided_at: datetime | None = None


class BulkAnswer(BaseModel):
    """What was decided and what was skipped, in the order of the calls."""

    decided: list[EnvelopeAnswer]
    skipped: list[Skipped]


class RecordAnswer(Answer):
    """One request for an approval, and the decision."""

    id: UUID
    digest: str = Field(description="Of the call for which the approval was requested.")
    reason: str
    requested_at: datetime
    expires_at: datetime
    decision: ApprovalDecision | None
    decided_by: str | None
    decided_at: datetime | None
    decision_reason: str | None
    rejection_code: RejectionCode | None
    decided_arguments: dict[str, Any] | None = Field(description="As a reviewer edited them.")
    decided_digest: str | None = Field(description="Of the edited call.")
    first_approved_by: str | None
    first_approved_at: datetime | None
    shown_whole: bool | None = Field(
        description="Whether all of the call had been shown to who decided. Null if the entry point does not know."
    )
    reminded_at: datetime | None
    escalated_at: datetime | None
    escalated_to: str | None
    escalation_level: int


class History(BaseModel):
    """What was proposed, decided and is in effect. Secrets are left out."""

    proposed_arguments: dict[str, Any]
    effective_arguments: dict[str, Any]
    effective_digest: str | None = Field(description="Of the approved call; the worker compares it before the call.")
    envelope: EnvelopeAnswer
    items: list[RecordAnswer] = Field(description="The oldest first.")


class DecidedAnswer(RecordAnswer):
    """A decided approval."""

    tenant_id: UUID
    envelope_id: UUID
    tool_slug: str | None = Field(description="Null if it was requested before version 0.2.")
    risk: Risk | None
    proposed_by: str | None
    decided_arguments: None = Field(description="Always null; `GET /v1/approvals/{envelope_id}` has them.")


class ReviewerAnswer(Answer):
    """How one person decided."""

    reviewer: str
    decisions: int
    approved: int
    edited: int = Field(description="How many of the approvals changed the arguments.")
    rejected: int
    approved_shown: int = Field(description="Approvals after all of the call had been shown.")
    approved_unread: int = Field(description="Approvals before. Of the rest, the entry point does not know.")
    unread_share: float | None = Field(description="`approved_unread` of the approvals where it is known.")
    median_seconds: float | None = Field(description="From the request to the decision.")


class ReviewerList(BaseModel):
    """Over the newest 10,000 decisions. Who decided most comes first."""

    items: list[ReviewerAnswer]


class Approve(BaseModel, extra="forbid"):
    digest: Digest
    reason: str | None = Field(default=None, max_length=4000)
    arguments: dict[str, Any] | None = Field(
        default=None,
        description="Approve the call with these arguments instead. All of them, not only the changed ones.",
    )


class Reject(BaseModel, extra="forbid"):
    digest: Digest
    code: RejectionCode = Field(description="Why, as one word for the agent.")
    reason: str = Field(min_length=1, max_length=4000, description="The agent receives it.")


class Respond(BaseModel, extra="forbid"):
    digest: Digest
    message: str = Field(min_length=1, max_length=4000, description="The agent receives it.")


@router.get("")
async def list_open(
    caller: Reader,
    tenant_id: TenantId = None,
    tool_slug: ToolSlug = None,
    risk: OfRisk = None,
    agent: OfAgent = None,
    order: Order = ApprovalOrder.OLDEST,
    limit: Limit = 50,
    after: After = None,
) -> Page[ApprovalAnswer]:
    """The pending approvals, the oldest first or those that expire first."""
    tenant = caller.some_tenant(tenant_id)
    cursors = Cursors("approvals", tenant, tool_slug, risk, agent, order)
    rows = await list_approvals(
        caller.backends, tenant, limit=limit + 1, order=order, after=cursors.read(after),
        matching=ApprovalFilter(tool_slug=tool_slug, risk=risk, agent=agent),
    )  # fmt: skip
    shown, has_more = page_of(rows, limit)
    items = [_answer(approval) for approval in shown]
    return Page(items=items, next=cursors.write(page_end(shown[-1], order)) if has_more else None)


@router.get("/decided")
async def list_closed(
    caller: Reader,
    tenant_id: TenantId = None,
    tool_slug: ToolSlug = None,
    risk: OfRisk = None,
    agent: OfAgent = None,
    decided_by: Annotated[str | None, Query(max_length=255, description="Only what this person decided.")] = None,
    decision: ApprovalDecision | None = None,
    limit: Limit = 50,
    after: After = None,
) -> Page[DecidedAnswer]:
    """The decided approvals, also those that expired, the newest decision first."""
    tenant = caller.some_tenant(tenant_id)
    cursors = Cursors("decided", tenant, tool_slug, risk, agent, decided_by, decision)
    rows = await list_decided(
        caller.backends, tenant, limit=limit + 1, before=cursors.read(after), decided_by=decided_by, decision=decision,
        matching=ApprovalFilter(tool_slug=tool_slug, risk=risk, agent=agent),
    )  # fmt: skip
    shown, has_more = page_of(rows, limit)
    items = [DecidedAnswer.model_validate(record) for record in shown]
    return Page(items=items, next=cursors.write(decided_end(shown[-1])) if has_more else None)


@router.get("/reviewers")
async def list_reviewers(
    caller: Person, tenant_id: TenantId = None, days: Annotated[int, Query(ge=1, le=366)] = 30
) -> ReviewerList:
    """How each person decided in the last days: how fast, how often edited or rejected, how often unread."""
    found = await read_reviewers(
        caller.backends, caller.some_tenant(tenant_id), decided_after=utc_now() - timedelta(days=days)
    )
    return ReviewerList(items=[ReviewerAnswer.model_validate(each) for each in found])


@router.post("/bulk")
async def decide_bulk(request: Request, body: Bulk, caller: Person, tenant_id: TenantId = None) -> BulkAnswer:
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
    return BulkAnswer(
        decided=await envelope_answers(caller.backends, [each for _, each in results if isinstance(each, Envelope)]),
        skipped=[_skipped(id_, result) for id_, result in results if not isinstance(result, Envelope)],
    )


@router.get("/{envelope_id}")
async def read(envelope_id: UUID, caller: Reader, tenant_id: TenantId = None) -> History:
    """Every request for an approval of this envelope, and the decisions."""
    envelope, records = await read_history(caller.backends, caller.one_tenant(tenant_id), envelope_id)
    arguments = dict(envelope.arguments)
    return History(
        proposed_arguments=arguments if envelope.proposed_arguments is None else dict(envelope.proposed_arguments),
        effective_arguments=arguments,
        effective_digest=envelope.approved_digest,
        envelope=answer_of_shown(envelope),
        items=[RecordAnswer.model_validate(record) for record in records],
    )


@router.post("/{envelope_id}/approve", openapi_extra=json_body(Approve))
async def approve(envelope_id: UUID, request: Request, caller: Person, tenant_id: TenantId = None) -> EnvelopeAnswer:
    """Let exactly this call run, once, or the call with other arguments. The other guardrails still judge it.

    If the rules demand two people, the first approval leaves it `awaiting_approval`.

    409 when the call has changed since you saw it, and when somebody decided before you: `current_digest`,
    `decided_by` and `decided_at` tell more. 403 for whoever proposed the call.
    """
    body = await read_model(request, Approve)
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


def _answer(approval: Approval) -> ApprovalAnswer:
    return ApprovalAnswer(
        id=approval.id, envelope=answer_of_shown(approval.envelope), digest=approval.digest, reason=approval.reason,
        requested_at=approval.requested_at, expires_at=approval.expires_at,
        first_approved_by=approval.first_approved_by, reminded_at=approval.reminded_at,
        escalated_at=approval.escalated_at, escalated_to=approval.escalated_to,
        escalation_level=approval.escalation_level, hidden_characters=list(approval.hidden_characters),
    )  # fmt: skip
