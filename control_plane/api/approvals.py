"""`/v1/approvals`: the calls that wait for a decision of a person, and the decisions."""

from datetime import datetime, timedelta
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from control_plane.api.answers import Answer, EnvelopeAnswer, answer_of_shown
from control_plane.api.bodies import StrictRoute
from control_plane.api.identity import Person, Reader, TenantId
from control_plane.api.pages import After, Cursors, Limit, Page, page_of
from services.approvals import Approval, ApprovalDecision, ApprovalFilter, ApprovalOrder, RejectionCode
from services.clock import utc_now
from services.envelope import Risk
from services.show_approvals import (
    decided_end,
    list_approvals,
    list_decided,
    list_last_calls,
    page_end,
    read_history,
    read_reviewers,
)

router = APIRouter(prefix="/v1/approvals", route_class=StrictRoute, tags=["approvals"])
ToolSlug = Annotated[str | None, Query(max_length=255, description="Only calls of this tool.")]
OfRisk = Annotated[Risk | None, Query(description="Only calls of this risk.")]
OfAgent = Annotated[str | None, Query(max_length=255, description="Only calls that this agent proposed.")]
Order = Annotated[ApprovalOrder, Query(description="The oldest request first, or what expires first.")]


class ApprovalAnswer(BaseModel):
    """An envelope that waits for a person. Arguments that the tool's schema marks as secret are left out."""

    id: UUID
    envelope: EnvelopeAnswer
    digest: str
    reason: str
    requested_at: datetime
    expires_at: datetime
    first_approved_by: str | None = Field(
        description="Who has approved the call, if a second person must approve it too."
    )
    reminded_at: datetime | None = Field(description="When people were last reminded of the approval.")
    escalated_at: datetime | None = Field(description="When the approval was last escalated.")
    escalated_to: str | None = Field(
        description="The role to which the approval was last escalated.", examples=["owner"]
    )
    escalation_level: int = Field(description="How many times the approval has been escalated.", examples=[1])
    hidden_characters: list[str] = Field(
        description="Warning: the paths of texts with control, format or separator characters, shown as \\u{202e}."
    )


class RecordAnswer(Answer):
    """One request for an approval, and the decision."""

    id: UUID
    digest: str = Field(description="Digest of the call for which the approval was requested.")
    reason: str
    requested_at: datetime
    expires_at: datetime
    decision: ApprovalDecision | None
    decided_by: str | None
    decided_at: datetime | None
    decision_reason: str | None
    rejection_code: RejectionCode | None
    decided_arguments: dict[str, Any] | None = Field(description="The arguments as a reviewer edited them.")
    decided_digest: str | None = Field(description="Digest of the edited call.")
    first_approved_by: str | None
    first_approved_at: datetime | None
    shown_whole: bool | None = Field(
        description="Whether the whole call had been shown to the person who decided. Null if that is not known."
    )
    reminded_at: datetime | None
    escalated_at: datetime | None
    escalated_to: str | None
    escalation_level: int


class History(BaseModel):
    """All approvals of an envelope, with the arguments that were proposed, decided and are in effect. Secrets are left
    out."""

    proposed_arguments: dict[str, Any]
    effective_arguments: dict[str, Any]
    effective_digest: str | None = Field(
        description="Digest of the approved call. The worker compares it before the call."
    )
    envelope: EnvelopeAnswer
    items: list[RecordAnswer] = Field(description="The oldest first.")


class DecidedAnswer(RecordAnswer):
    """A decided approval."""

    tenant_id: UUID
    envelope_id: UUID
    tool_slug: str | None = Field(description="Null if the approval was requested before version 0.2.")
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
    approved_shown: int = Field(description="How many approvals came after all of the call had been shown.")
    approved_unread: int = Field(
        description="How many approvals came before all of the call had been shown. For the rest this is not known."
    )
    unread_share: float | None = Field(
        description="The share of `approved_unread` among the approvals for which this is known."
    )
    median_seconds: float | None = Field(description="Median seconds from the request to the decision.")


class ReviewerList(BaseModel):
    """Reviewers by their decisions among the newest 10,000. The reviewer with the most decisions comes first."""

    items: list[ReviewerAnswer]


class ViewerAnswer(Answer):
    """A person who looks at a pending approval."""

    envelope_id: UUID
    viewer: str = Field(examples=["user:maria"], description="The type and id of the person.")
    seen_at: datetime


class ViewerList(BaseModel):
    items: list[ViewerAnswer]


class CallList(BaseModel):
    items: list[EnvelopeAnswer]


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
    tenant = caller.tenant_or_all(tenant_id)
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
    tenant = caller.tenant_or_all(tenant_id)
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
    """How each person decided in the last days: how fast, and how often they edited, rejected or approved unread."""
    found = await read_reviewers(
        caller.backends, caller.tenant_or_all(tenant_id), decided_after=utc_now() - timedelta(days=days)
    )
    return ReviewerList(items=[ReviewerAnswer.model_validate(reviewer) for reviewer in found])


@router.get("/viewers")
async def list_viewers(caller: Person, tenant_id: TenantId = None) -> ViewerList:
    """Who looks at pending approvals, or did in the last 30 seconds."""
    found = await caller.backends.approvals.viewers(caller.tenant_or_all(tenant_id))
    return ViewerList(items=[ViewerAnswer.model_validate(viewer) for viewer in found])


@router.post("/{envelope_id}/look")
async def look(envelope_id: UUID, caller: Person, tenant_id: TenantId = None) -> ViewerList:
    """Note that you look at this approval, and read who else does. Call it every second or two.

    Others see you until 30 seconds after the last call. Nothing is written into the audit log.
    """
    found = await caller.backends.approvals.look(caller.one_tenant(tenant_id), envelope_id, actor=caller.actor)
    return ViewerList(items=[ViewerAnswer.model_validate(viewer) for viewer in found])


@router.get("/{envelope_id}/last-calls")
async def read_last_calls(envelope_id: UUID, caller: Reader, tenant_id: TenantId = None) -> CallList:
    """What happened to the last ten calls of this envelope's tool, the latest first.

    There may be fewer than ten: only the tenant's newest envelopes are searched.
    """
    found = await list_last_calls(caller.backends, caller.one_tenant(tenant_id), envelope_id)
    return CallList(items=[answer_of_shown(envelope) for envelope in found])


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


def _answer(approval: Approval) -> ApprovalAnswer:
    return ApprovalAnswer(
        id=approval.id, envelope=answer_of_shown(approval.envelope), digest=approval.digest, reason=approval.reason,
        requested_at=approval.requested_at, expires_at=approval.expires_at,
        first_approved_by=approval.first_approved_by, reminded_at=approval.reminded_at,
        escalated_at=approval.escalated_at, escalated_to=approval.escalated_to,
        escalation_level=approval.escalation_level, hidden_characters=list(approval.hidden_characters),
    )  # fmt: skip
