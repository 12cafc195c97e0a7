"""`/v1/envelopes`: propose calls, read what happened to them, and cancel or resolve them."""

from datetime import datetime, timedelta
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Header, Query, Request, Response
from pydantic import BaseModel, Field

from control_plane.api.answers import (
    DryRunAnswer,
    EnvelopeAnswer,
    ExplanationAnswer,
    ProposedAnswer,
    envelope_answer,
    envelope_answers,
    explanation_answer,
    proposed_answer,
    proposed_answers,
)
from control_plane.api.bodies import Reason, StrictRoute, body_in_openapi, read_object
from control_plane.api.identity import Canceller, Person, Proposer, Reader, TenantId
from control_plane.api.pages import After, Cursors, Limit, Page, as_utc, page_of
from control_plane.api.problems import Problem, describe_error, log_error, status_of
from services import request as proposals
from services.clock import utc_now
from services.dry_run import dry_run
from services.envelope import OPEN_STATUSES, Status
from services.errors import ControlPlaneError, InvalidInput
from services.explain import explain
from services.follow_audit_log import AuditFeed, wait_for_envelope
from services.list_envelopes import page_end, search_envelopes
from services.outbox import Resolution
from services.outbox.lists import EnvelopeFilter
from services.propose import ProposeResult, propose
from services.propose_batch import propose_batch as propose_many

router = APIRouter(prefix="/v1/envelopes", route_class=StrictRoute, tags=["envelopes"])
MAX_BATCH_SIZE = 1000
MAX_WAIT_SECONDS = 60
WORDS_DESCRIPTION = "A whole id or a whole `external_id`, also of a dead letter; or a part of a tool's slug."


class Resolve(BaseModel, extra="forbid"):
    """What a person found out about a call that got no answer."""

    decision: Resolution
    reason: str | None = Field(default=None, max_length=4000)


class BatchItem(BaseModel):
    """The result for one envelope of a batch, in the order of the request: an answer or a problem."""

    status: int
    proposed: ProposedAnswer | None = None
    detail: str | None = None
    errors: list[dict[str, str]] | None = None


class BatchAnswer(BaseModel):
    items: list[BatchItem]


IdempotencyKey = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key", max_length=255, description="The `external_id`, for clients that send it as a header."
    ),
]


@router.post(
    "", status_code=201, responses={200: {"description": "Proposed before with the same key", "model": ProposedAnswer}},
    openapi_extra=body_in_openapi(proposals.Request),
)  # fmt: skip
async def propose_one(
    request: Request, response: Response, caller: Proposer, idempotency_key: IdempotencyKey = None
) -> ProposedAnswer:
    """Propose one call. The same `external_id` twice is the same envelope: 201 the first time, 200 after that.

    409 if the tool, the arguments or the account differ. The verdicts are those that the guardrails give now.
    """
    document = _with_tenant_and_key(await read_object(request), caller, idempotency_key)
    proposed = await propose(caller.backends, document, actor=caller.actor, traceparent=_traceparent(request))
    response.status_code = 201 if proposed.created else 200
    response.headers["Location"] = f"{router.prefix}/{proposed.envelope.id}"
    return await proposed_answer(caller.backends, proposed)


@router.post("/batch", openapi_extra=body_in_openapi(proposals.Request, list_name="envelopes"))
async def propose_batch(request: Request, caller: Proposer) -> BatchAnswer:
    """Propose up to 1000 calls. A refused proposal does not stop the others."""
    body = await read_object(request)
    documents = body.get("envelopes")
    if not isinstance(documents, list) or body.keys() != {"envelopes"}:
        raise InvalidInput("envelopes", "must be a list, and the only field")
    if len(documents) > MAX_BATCH_SIZE:
        raise InvalidInput("envelopes", f"has {len(documents)} entries; at most {MAX_BATCH_SIZE} fit")
    own = [
        _with_tenant_and_key(document, caller, None) if isinstance(document, dict) else document
        for document in documents
    ]
    answers = await propose_many(caller.backends, own, actor=caller.actor, traceparent=_traceparent(request))
    shown = iter(
        await proposed_answers(caller.backends, [answer for answer in answers if isinstance(answer, ProposeResult)])
    )
    items = [
        _refused_item(request, answer)
        if isinstance(answer, ControlPlaneError)
        else BatchItem(status=201 if answer.created else 200, proposed=next(shown))
        for answer in answers
    ]
    return BatchAnswer(items=items)


@router.post("/dry-run", openapi_extra=body_in_openapi(proposals.Request))
async def try_one(request: Request, caller: Proposer) -> DryRunAnswer:
    """Check and judge a proposal by the current rules, and write nothing. A refusal is the same as for a proposal."""
    document = _with_tenant_and_key(await read_object(request), caller, None)
    return DryRunAnswer.model_validate(await dry_run(caller.backends, document, actor=caller.actor, now=utc_now()))


async def conditions(
    status: Status | None = None,
    tool_slug: Annotated[str | None, Query(max_length=255)] = None,
    proposed_by: Annotated[str | None, Query(max_length=300, description="Who proposed it: `agent:bot`.")] = None,
    objective_id: UUID | None = None,
    since: Annotated[datetime | None, Query(description="Proposed at this time or later.")] = None,
    until: Annotated[datetime | None, Query(description="Proposed before this time.")] = None,
    words: Annotated[str | None, Query(min_length=1, max_length=255, description=WORDS_DESCRIPTION)] = None,
) -> EnvelopeFilter:
    """A dependency: the conditions of a list of envelopes. All of them have to be met."""
    return EnvelopeFilter(
        status=status, tool_slug=tool_slug, proposed_by=proposed_by, objective_id=objective_id, since=as_utc(since),
        until=as_utc(until), words=words,
    )  # fmt: skip


@router.get("")
async def list_all(
    caller: Reader,
    wanted: Annotated[EnvelopeFilter, Depends(conditions)],
    tenant_id: TenantId = None,
    external_id: Annotated[str | None, Query(max_length=255)] = None,
    limit: Limit = 50,
    after: After = None,
) -> Page[EnvelopeAnswer]:
    """The newest envelopes. With status `failed` or `denied`: the oldest dead letters, which are requeued first.

    A search of many envelopes comes in parts: a page may have fewer rows than `limit`, and there are more while `next`
    is not null. A time without an offset is UTC.
    """
    tenant = caller.tenant_or_all(tenant_id)
    cursors = Cursors("envelopes", tenant, external_id, wanted)
    searched = await search_envelopes(
        caller.backends, tenant, wanted, external_id=external_id, limit=limit + 1, after=cursors.read(after)
    )
    shown, has_more = page_of(searched.envelopes, limit)
    items = await envelope_answers(caller.backends, shown)
    end = page_end(shown[-1]) if has_more else searched.searched_to
    return Page(items=items, next=end and cursors.write(end))


@router.get("/{envelope_id}")
async def get(
    request: Request,
    envelope_id: UUID,
    caller: Reader,
    tenant_id: TenantId = None,
    wait: Annotated[
        float,
        Query(ge=0, le=MAX_WAIT_SECONDS, description="Wait up to this many seconds until the envelope has ended."),
    ] = 0,
) -> EnvelopeAnswer:
    """One envelope or dead letter. With `wait`, answer when it has ended, or after so many seconds."""
    tenant = caller.one_tenant(tenant_id)
    envelope = await caller.backends.outbox.get(tenant, envelope_id)
    if wait and envelope.status in OPEN_STATUSES:
        feed: AuditFeed = request.app.state.feed
        envelope = await wait_for_envelope(caller.backends, feed, tenant, envelope_id, within=timedelta(seconds=wait))
    return await envelope_answer(caller.backends, envelope)


@router.get("/{envelope_id}/explanation")
async def get_explanation(envelope_id: UUID, caller: Reader, tenant_id: TenantId = None) -> ExplanationAnswer:
    """Why an envelope is in its state, the verdict of every guardrail now, and the next time at which it can run."""
    tenant = caller.one_tenant(tenant_id)
    explanation = await explain(caller.backends, tenant, envelope_id, now=utc_now())
    return await explanation_answer(caller.backends, explanation)


@router.post("/{envelope_id}/cancel")
async def cancel(
    envelope_id: UUID, caller: Canceller, tenant_id: TenantId = None, body: Reason | None = None
) -> EnvelopeAnswer:
    """Cancel an envelope that has not been executed. 409 if it is in flight or has ended."""
    tenant = caller.one_tenant(tenant_id)
    reason = body.reason if body else None
    cancelled = await caller.backends.outbox.cancel(tenant, envelope_id, actor=caller.actor, reason=reason)
    return await envelope_answer(caller.backends, cancelled)


@router.post("/{envelope_id}/resolve")
async def resolve(envelope_id: UUID, body: Resolve, caller: Person, tenant_id: TenantId = None) -> EnvelopeAnswer:
    """Record what a call without an answer did, after you have checked it."""
    tenant = caller.one_tenant(tenant_id)
    resolved = await caller.backends.outbox.resolve(
        tenant, envelope_id, decision=body.decision, actor=caller.actor, reason=body.reason
    )
    return await envelope_answer(caller.backends, resolved)


def _refused_item(request: Request, error: ControlPlaneError) -> BatchItem:
    if isinstance(error, InvalidInput):
        errors = [{"field": field, "problem": problem} for field, problem in error.problems]
        return BatchItem(status=422, detail=str(error), errors=errors)
    log_error(request, error)
    return BatchItem(status=status_of(error), detail=describe_error(error))


def _with_tenant_and_key(document: dict[str, Any], caller: Proposer, idempotency_key: str | None) -> dict[str, Any]:
    """The proposal with the caller's tenant, and with the `external_id` from the header Idempotency-Key."""
    own = dict(document)
    if caller.tenant_id is not None and own.setdefault("tenant_id", str(caller.tenant_id)) != str(caller.tenant_id):
        raise Problem(404, "tenant_id: no such tenant")
    if idempotency_key is not None and own.setdefault("external_id", idempotency_key) != idempotency_key:
        raise InvalidInput("external_id", "differs from the header Idempotency-Key; send one of them")
    return own


def _traceparent(request: Request) -> str | None:
    return request.headers.get("traceparent")
