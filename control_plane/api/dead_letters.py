"""`/v1/dead-letters`: envelopes that failed for good or were denied, kept until a person decides."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from control_plane.api.answers import Answer, EnvelopeAnswer, envelope_answer, envelope_answers
from control_plane.api.bodies import StrictRoute
from control_plane.api.identity import Person, Principal, Reader, TenantId
from control_plane.api.pages import After, Cursors, Limit, Page, page_of
from services.change_dead_letters import discard_each, requeue_each
from services.envelope import Status
from services.list_envelopes import list_dead_letters, page_end
from services.requeue import RequeueResult, preview_requeue, requeue, requeue_edited, requeue_one

router = APIRouter(prefix="/v1/dead-letters", route_class=StrictRoute, tags=["dead letters"])
DeadStatus = Annotated[
    Status | None, Query(description="Only dead letters with this status: `failed` or `denied`. By default both.")
]


class Discard(BaseModel, extra="forbid"):
    """Why a dead letter is discarded."""

    reason: str = Field(min_length=1, max_length=4000, examples=["the order was placed by hand"])


class Requeue(BaseModel, extra="forbid"):
    """Which dead letters are requeued."""

    limit: int | None = Field(default=None, ge=1, le=10_000, description="Requeue at most this many, the oldest first.")
    dry_run: bool = Field(
        default=False, description="Return the dead letters that would be requeued, and change nothing."
    )


class RequeueEdited(BaseModel, extra="forbid"):
    """The arguments with which a dead letter is requeued."""

    arguments: dict[str, Any] = Field(description="All arguments of the call, not only the changed ones.")
    reason: str | None = Field(default=None, max_length=4000, examples=["the channel was renamed"])


class RequeueAnswer(BaseModel):
    """The dead letters that were requeued, or would be."""

    items: list[EnvelopeAnswer]
    doubtful: int = Field(
        description="How many dead letters were left out: their effect may have happened. Requeue each by its id."
    )


class CauseAnswer(Answer):
    """Dead letters of one tool with one cause."""

    tool_slug: str
    status: Status
    cause: str = Field(
        description="The error, with `…` for the parts that differ between the dead letters.",
        examples=["order … does not exist: HTTP 404"],
    )
    letters: int
    doubtful: int = Field(description="How many of these dead letters are doubtful.")
    tenants: int = Field(description="How many tenants have such dead letters.")
    oldest_at: datetime
    newest_at: datetime


class CausesAnswer(Answer):
    """Causes of dead letters, the most frequent first."""

    causes: list[CauseAnswer]
    is_whole: bool = Field(
        description="False if there are more than 10,000 dead letters: then only the oldest were counted."
    )


class BulkChange(BaseModel, extra="forbid"):
    """One change of several dead letters, by their ids."""

    action: Literal["requeue", "discard"]
    ids: list[UUID] = Field(min_length=1, max_length=500)
    reason: str | None = Field(
        default=None, min_length=1, max_length=4000, description="Why the dead letters are discarded.",
        examples=["the orders were placed by hand"],
    )  # fmt: skip


class SkippedAnswer(BaseModel):
    """A dead letter that was not changed."""

    id: UUID
    problem: str = Field(examples=["its deadline has passed"])


class BulkChangeAnswer(BaseModel):
    """The envelopes that were changed, and those that were not."""

    items: list[EnvelopeAnswer]
    skipped: list[SkippedAnswer]


@router.get("")
async def list_all(
    caller: Reader,
    tenant_id: TenantId = None,
    status: DeadStatus = None,
    tool_slug: Annotated[str | None, Query(max_length=255)] = None,
    cause: Annotated[
        str | None,
        Query(
            max_length=255, description="Only dead letters with this `cause`, as `/v1/dead-letters/causes` returns it."
        ),
    ] = None,
    limit: Limit = 50,
    after: After = None,
) -> Page[EnvelopeAnswer]:
    """The oldest dead letters first: the order in which they are requeued."""
    tenant = caller.tenant_or_all(tenant_id)
    cursors = Cursors("dead letters", tenant, status, tool_slug, cause)
    rows = await list_dead_letters(
        caller.backends, tenant, status=status, limit=limit + 1, after=cursors.read(after), tool_slug=tool_slug,
        cause=cause,
    )  # fmt: skip
    shown, has_more = page_of(rows, limit)
    items = await envelope_answers(caller.backends, shown)
    return Page(items=items, next=cursors.write(page_end(shown[-1])) if has_more else None)


@router.get("/causes")
async def list_causes(caller: Reader, tenant_id: TenantId = None) -> CausesAnswer:
    """The causes of dead letters, by tool and status, the most frequent first, at most 100 causes."""
    tenant = caller.tenant_or_all(tenant_id)
    return CausesAnswer.model_validate(await caller.backends.outbox.count_causes(tenant))


@router.post("/bulk")
async def change_several(body: BulkChange, caller: Person, tenant_id: TenantId = None) -> BulkChangeAnswer:
    """Requeue or discard up to 500 dead letters by their ids. Those that cannot be changed are skipped and named.

    Doubtful dead letters are requeued too, because you named them. For owners, reviewers and operators.
    """
    tenant = caller.one_tenant(tenant_id)
    keys = [(tenant, envelope_id) for envelope_id in dict.fromkeys(body.ids)]
    if body.action == "requeue":
        result = await requeue_each(caller.backends, keys, actor=caller.actor)
    else:
        result = await discard_each(caller.backends, keys, actor=caller.actor, reason=body.reason or "")
    return BulkChangeAnswer(
        items=await envelope_answers(caller.backends, result.changed),
        skipped=[SkippedAnswer(id=skipped.key[1], problem=skipped.problem) for skipped in result.skipped],
    )


@router.post("/requeue")
async def requeue_all(body: Requeue, caller: Person, tenant_id: TenantId = None) -> RequeueAnswer:
    """Requeue dead letters, the oldest first. Their attempts are counted from 0 again.

    Doubtful dead letters, whose effect may have happened, are left: requeue each of them by its id. For owners,
    reviewers and operators. Operators may leave out the tenant to requeue those of all tenants.
    """
    tenant = caller.tenant_or_all(tenant_id)
    if body.dry_run:
        return await _answer(caller, await preview_requeue(caller.backends, tenant, limit=body.limit))
    requeued = await requeue(
        caller.backends, tenant, limit=body.limit, actor=caller.actor, progress=lambda _count: None
    )
    return await _answer(caller, requeued)


@router.post("/{envelope_id}/requeue")
async def requeue_by_id(envelope_id: UUID, caller: Person, tenant_id: TenantId = None) -> EnvelopeAnswer:
    """Requeue one dead letter, even if it is doubtful. Check first whether its effect happened.

    409 when its deadline has passed. For owners, reviewers and operators.
    """
    tenant = caller.one_tenant(tenant_id)
    requeued = await requeue_one(caller.backends, tenant, envelope_id, actor=caller.actor)
    return await envelope_answer(caller.backends, requeued)


@router.post("/{envelope_id}/requeue-edited")
async def requeue_with_edit(
    envelope_id: UUID, body: RequeueEdited, caller: Person, tenant_id: TenantId = None
) -> EnvelopeAnswer:
    """Requeue one dead letter with other arguments, which must match the tool's schema.

    Guardrails judge the call again, and an earlier approval does not hold. `proposed_arguments` keeps what the agent
    proposed. The tool gets the same idempotency key as before. For owners, reviewers and operators.
    """
    requeued = await requeue_edited(
        caller.backends, caller.one_tenant(tenant_id), envelope_id, body.arguments, actor=caller.actor,
        reason=body.reason,
    )  # fmt: skip
    return await envelope_answer(caller.backends, requeued)


@router.post("/{envelope_id}/discard")
async def discard(envelope_id: UUID, body: Discard, caller: Person, tenant_id: TenantId = None) -> EnvelopeAnswer:
    """End one dead letter as cancelled. Its `external_id` stays used. For owners, reviewers and operators."""
    tenant = caller.one_tenant(tenant_id)
    discarded = await caller.backends.outbox.discard(tenant, envelope_id, actor=caller.actor, reason=body.reason)
    return await envelope_answer(caller.backends, discarded)


async def _answer(caller: Principal, result: RequeueResult) -> RequeueAnswer:
    return RequeueAnswer(items=await envelope_answers(caller.backends, result.envelopes), doubtful=result.doubtful)
