"""`/v1/audit`: read, export, verify and anchor the audit log."""

from collections.abc import AsyncIterator
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Query
from fastapi.responses import StreamingResponse
from pydantic import BaseModel, Field

from control_plane.api.answers import ActorAnswer, Answer
from control_plane.api.bodies import StrictRoute
from control_plane.api.identity import Reader, TenantId
from control_plane.api.pages import as_utc
from services.anchor_audit_log import anchor_audit_log
from services.audit_log import Anchor, AuditFilter, AuditRow, RawAuditRow
from services.audit_log.export import ndjson_line
from services.audit_log.problems import Findings, ProblemKind
from services.export_audit_log import export_audit_log
from services.verify_audit_log import verify_audit_log

router = APIRouter(prefix="/v1/audit", route_class=StrictRoute, tags=["audit"])
Seq = Annotated[int, Field(ge=0, lt=2**63)]
Hash = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$", examples=["9f" * 32])]
NDJSON = "application/x-ndjson"
CATEGORY_DESCRIPTION = "A category, or the beginning of categories with a dot at the end, such as `envelope.`."
MAX_ROWS_OF_ENVELOPE = 1000
CHUNK = 200
"""How many lines are sent at once."""


class AuditAnswer(BaseModel):
    """One row of a tenant's chain."""

    tenant_id: UUID
    seq: int
    created_at: datetime
    actor: ActorAnswer
    category: str = Field(examples=["envelope.requeued"])
    payload: dict[str, Any]
    previous_hash: str = Field(examples=["3c" * 32])
    hash: str = Field(examples=["9f" * 32])


class AuditPage(BaseModel):
    """Audit rows, and how to get the next ones."""

    items: list[AuditAnswer]
    next: int | None = Field(description="Send this as `before` to get the next page; null on the last page.")


class AnchorDocument(BaseModel, extra="forbid"):
    """An anchor: the last row of a chain at some time, stored outside the database."""

    tenant_id: UUID
    seq: Seq = Field(examples=[1204])
    hash: Hash


class AnchorAnswer(BaseModel):
    """Anchors. Store `items` where the owners of the database cannot write."""

    items: list[AnchorDocument]
    tenants_without_head: list[UUID] = Field(
        description="Tenants whose audit log lacks the record of its last row: somebody has changed the log."
    )


class Verify(BaseModel, extra="forbid"):
    """The anchors that the verification compares with the chain."""

    anchors: list[AnchorDocument] = Field(
        default=[],
        max_length=10_000,
        description="Anchors from earlier calls: the chains must still contain their rows.",
    )


class ChainProblem(Answer):
    kind: ProblemKind
    first: int | None
    last: int | None
    text: str = Field(examples=["its content does not match its hash"])


class FindingsAnswer(BaseModel):
    """The findings of the check of one tenant's chain."""

    tenant_id: UUID
    intact: bool
    rows: int
    first: int
    last: int
    hash: str = Field(description="Hash of the last row.", examples=["9f" * 32])
    anchored: int | None = Field(description="Seq of the newest of your anchors that the chain contains.")
    problems: list[ChainProblem] = Field(examples=[[]])
    unlisted: int


class VerifyAnswer(BaseModel):
    intact: bool
    tenants: list[FindingsAnswer]


async def conditions(
    category: Annotated[str | None, Query(max_length=255, description=CATEGORY_DESCRIPTION)] = None,
    actor: Annotated[str | None, Query(max_length=300, description="An id, or type and id: `agent:bot`.")] = None,
    since: Annotated[datetime | None, Query(description="Only rows of this time or later.")] = None,
    until: Annotated[datetime | None, Query(description="Only rows before this time.")] = None,
) -> AuditFilter:
    """A dependency: the conditions of a list of audit rows. All of them have to be met."""
    return AuditFilter(category=category, actor=actor, since=as_utc(since), until=as_utc(until))


@router.get("")
async def list_all(
    caller: Reader,
    wanted: Annotated[AuditFilter, Depends(conditions)],
    tenant_id: TenantId = None,
    limit: Annotated[int, Query(ge=1, le=1000)] = 50,
    before: Annotated[
        Seq | None, Query(description="`next` of the previous page. Leave it out for the newest rows.")
    ] = None,
) -> AuditPage:
    """The newest audit rows of the tenant, by pages.

    With conditions a page may have fewer rows than `limit`; there are more while `next` is not null. A time without an
    offset is UTC.
    """
    tenant = await caller.known_tenant(tenant_id)
    found = await caller.backends.audit_log.search(tenant, wanted, limit=limit, before=before)
    is_last = len(found.rows) < limit or found.rows[-1].seq <= 1
    return AuditPage(
        items=[_answer(row) for row in found.rows], next=found.searched_to if is_last else found.rows[-1].seq
    )


@router.get("/envelopes/{envelope_id}")
async def list_of_envelope(envelope_id: UUID, caller: Reader, tenant_id: TenantId = None) -> AuditPage:
    """What happened to one envelope, the oldest first: its newest 1000 audit rows, without pages.

    If the envelope was deleted, the rows about its proposal and its success are missing.
    """
    tenant = await caller.known_tenant(tenant_id)
    rows = await caller.backends.audit_log.of_envelope(tenant, envelope_id, limit=MAX_ROWS_OF_ENVELOPE)
    return AuditPage(items=[_answer(row) for row in rows], next=None)


@router.get(
    "/export",
    response_class=StreamingResponse,
    responses={200: {"description": "One row a line, for `audit verify --file`", "content": {NDJSON: {}}}},
)
async def export(
    caller: Reader,
    tenant_id: TenantId = None,
    after: Annotated[
        Seq | None, Query(description="Only rows after this seq. Cannot be combined with `since`.")
    ] = None,
    since: Annotated[datetime | None, Query(description="Only rows at or after this time.")] = None,
    until: Annotated[datetime | None, Query(description="Only rows before this time.")] = None,
) -> StreamingResponse:
    """All audit rows of the tenant with their hashes, the oldest first and without gaps.

    A time without an offset is UTC. If the server fails, it closes the connection before the body is complete.
    """
    rows = export_audit_log(
        caller.backends, caller.one_tenant(tenant_id), after=after, since=as_utc(since), until=as_utc(until),
        say=lambda _line: None,
    )  # fmt: skip
    first = await anext(rows, None)  # raises here for an unknown tenant, before the response begins
    return StreamingResponse(export_lines(first, rows), media_type=NDJSON)


@router.post("/verify")
async def verify(caller: Reader, body: Verify | None = None, tenant_id: TenantId = None) -> VerifyAnswer:
    """Recompute every hash, and report each row that was edited, deleted, inserted or reordered.

    Operators may leave out the tenant to verify all.
    """
    anchors: dict[UUID, list[Anchor]] = {}
    for anchor in body.anchors if body else ():
        anchors.setdefault(anchor.tenant_id, []).append(Anchor(**anchor.model_dump()))
    tenant = caller.tenant_or_all(tenant_id)
    findings = await verify_audit_log(caller.backends, tenant, anchors, say=lambda _line: None)
    return VerifyAnswer(
        intact=all(chain.intact for chain in findings), tenants=[_findings(chain) for chain in findings]
    )


@router.get("/anchors")
async def anchors(caller: Reader, tenant_id: TenantId = None) -> AnchorAnswer:
    """The last seq and hash of each chain. Store them elsewhere: later they show whether a chain was rewritten."""
    heads = await anchor_audit_log(caller.backends, caller.tenant_or_all(tenant_id))
    return AnchorAnswer(
        items=[
            AnchorDocument(tenant_id=anchor.tenant_id, seq=anchor.seq, hash=anchor.hash) for anchor in heads.anchors
        ],
        tenants_without_head=list(heads.tenants_without_head),
    )


async def export_lines(first: RawAuditRow | None, rows: AsyncIterator[RawAuditRow]) -> AsyncIterator[str]:
    """The rows as NDJSON, in chunks of several lines."""
    lines = [] if first is None else [ndjson_line(first)]
    async for row in rows:
        lines.append(ndjson_line(row))
        if len(lines) >= CHUNK:
            yield "\n".join(lines) + "\n"
            lines = []
    if lines:
        yield "\n".join(lines) + "\n"


def _answer(row: AuditRow) -> AuditAnswer:
    return AuditAnswer(
        tenant_id=row.entry.tenant_id, seq=row.seq, created_at=row.created_at,
        actor=ActorAnswer.model_validate(row.entry.actor), category=row.entry.category, payload=dict(row.entry.payload),
        previous_hash=row.previous_hash, hash=row.hash,
    )  # fmt: skip


def _findings(findings: Findings) -> FindingsAnswer:
    return FindingsAnswer(
        tenant_id=findings.tenant_id, intact=findings.intact, rows=findings.rows, first=findings.first,
        last=findings.last, hash=findings.hash, anchored=findings.anchored,
        problems=[ChainProblem.model_validate(problem) for problem in findings.problems], unlisted=findings.unlisted,
    )  # fmt: skip
