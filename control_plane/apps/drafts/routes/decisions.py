"""`/v1/drafts`: approve, edit and reject drafts, one or several at once."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Request
from pydantic import BaseModel, Field

from control_plane.api.bodies import StrictRoute
from control_plane.api.identity import Person, TenantId
from control_plane.api.problems import describe_error, log_error
from control_plane.apps.drafts.decide_draft import decide_draft
from control_plane.apps.drafts.decide_many import ShownDraft, decide_many
from control_plane.apps.drafts.routes.drafts import MAX_TEXT, TakeOver
from control_plane.apps.drafts.routes.etags import IfMatch, read_etag
from control_plane.apps.drafts.values import DecidedDraft, DraftDecision, RejectionCode
from services.errors import ControlPlaneError, DecisionConflict

router = APIRouter(prefix="/v1/drafts", route_class=StrictRoute, tags=["drafts"])
Reason = Annotated[str | None, Field(max_length=4000, examples=["the parcel was lost"])]


class Decide(BaseModel, extra="forbid"):
    """A decision about the draft that was shown."""

    decision: DraftDecision
    text: str | None = Field(
        default=None, min_length=1, max_length=MAX_TEXT, description="With `edit`: the text that is sent instead."
    )
    html: str | None = Field(default=None, max_length=MAX_TEXT, description="With `edit`: the text as HTML.")
    code: RejectionCode | None = Field(default=None, description="With `reject`: why, in one word.")
    reason: Reason = None
    confirmed_recipient: str | None = Field(
        default=None, max_length=320,
        description="The address of the reply, if the draft says `recipient_needs_confirmation`.",
    )  # fmt: skip
    take_over: TakeOver = False


class Shown(BaseModel, extra="forbid"):
    """A draft as it was shown in the queue."""

    id: UUID
    version: int = Field(ge=1, le=999_999_999)
    digest: str = Field(pattern=r"^[0-9a-f]{64}$")


class Bulk(BaseModel, extra="forbid"):
    """One decision about several drafts, each as it was shown."""

    decision: Literal["approve", "reject"]
    drafts: list[Shown] = Field(min_length=1, max_length=100)
    code: RejectionCode | None = Field(default=None, description="With `reject`: why, in one word.")
    reason: Reason = None


class Skipped(BaseModel):
    """A draft that was not decided: it has changed, somebody else decided it, or the caller may not."""

    id: UUID
    problem: str
    current_digest: str | None = None
    decided_by: str | None = None
    decided_at: datetime | None = None


class BulkAnswer(BaseModel):
    """What was decided and what was skipped, in the order of the drafts."""

    decided: list[DecidedDraft]
    skipped: list[Skipped]


@router.post("/bulk")
async def decide_bulk(request: Request, body: Bulk, caller: Person, tenant_id: TenantId = None) -> BulkAnswer:
    """Approve or reject several drafts as they were shown. What has changed since is skipped and named.

    If the database fails after some drafts were decided, the rest is skipped; 503 if it fails before. 403 if you may
    decide none of them. For owners and reviewers.
    """
    results = await decide_many(
        caller.backends, caller.one_tenant(tenant_id),
        [ShownDraft(id=shown.id, version=shown.version, digest=shown.digest) for shown in body.drafts],
        decision=DraftDecision(body.decision), reason=body.reason, code=body.code, actor=caller.actor,
        webhook_key=request.app.state.webhook_key,
    )  # fmt: skip
    last = results[-1][1]
    if isinstance(last, ControlPlaneError):
        log_error(request, last)
    return BulkAnswer(
        decided=[result for _, result in results if isinstance(result, DecidedDraft)],
        skipped=[_skipped(id_, result) for id_, result in results if not isinstance(result, DecidedDraft)],
    )


@router.post("/{draft_id}/decision")
async def decide(
    draft_id: UUID, request: Request, body: Decide, caller: Person, tenant_id: TenantId = None, if_match: IfMatch = None
) -> DecidedDraft:
    """Approve the draft, approve it with another text (`edit`), or reject it. Needs If-Match.

    An approval puts the reply into the outbox, where guardrails judge it: read the envelope `envelope_id` to see what
    happens to it. 409 when the draft has changed since you saw it, and when somebody decided before you:
    `current_digest`, `decided_by` and `decided_at` tell more. An escalated draft needs an owner. For owners and
    reviewers.
    """
    version, digest = read_etag(if_match)
    return await decide_draft(
        caller.backends, caller.one_tenant(tenant_id), draft_id, decision=body.decision, version=version, digest=digest,
        text=body.text, html=body.html, reason=body.reason, code=body.code,
        confirmed_recipient=body.confirmed_recipient, take_over=body.take_over, actor=caller.actor,
        webhook_key=request.app.state.webhook_key,
    )  # fmt: skip


def _skipped(draft_id: UUID, why: ControlPlaneError) -> Skipped:
    if not isinstance(why, DecisionConflict):
        return Skipped(id=draft_id, problem=describe_error(why))
    return Skipped(
        id=draft_id, problem=str(why), current_digest=why.current_digest, decided_by=why.decided_by,
        decided_at=why.decided_at,
    )  # fmt: skip
