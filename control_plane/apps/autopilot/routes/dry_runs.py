"""`/v1/autopilot`: what autopilot would have answered to past tickets of a cluster. Nothing is sent."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from control_plane.api.answers import Answer
from control_plane.api.bodies import StrictRoute
from control_plane.api.identity import Person, Reader, TenantId
from control_plane.api.pages import After, Cursors, Limit, Page, page_of
from control_plane.apps.autopilot.readiness import DryRunCase, DryRunStatus
from control_plane.apps.autopilot.store import dry_runs, functions_of, readiness

router = APIRouter(prefix="/v1/autopilot", route_class=StrictRoute, tags=["ticket dry runs"])


class StartDryRun(BaseModel, extra="forbid"):
    """How many past tickets are answered."""

    tickets: int = Field(default=100, ge=10, le=100, description="The newest that people resolved.", examples=[50])


class DryRunAnswer(Answer):
    """A dry-run of a cluster."""

    id: UUID
    cluster_id: UUID
    status: DryRunStatus
    started_by: str | None
    cases: int = Field(description="How many past tickets it answers.")
    done: int
    answered: int = Field(description="For how many of the done tickets there was an answer.")
    similarity: float | None = Field(description="The mean cosine of the answers to what people answered.")
    error_message: str | None = Field(description="Why it failed, in one word.")
    created_at: datetime
    started_at: datetime | None
    completed_at: datetime | None


class CaseList(BaseModel):
    """Cases of a dry-run that are done, in their order."""

    items: list[DryRunCase]


@router.post("/clusters/{cluster_id}/dry-runs", status_code=201)
async def start(cluster_id: UUID, body: StartDryRun, caller: Person, tenant_id: TenantId = None) -> DryRunAnswer:
    """Start a dry-run of a cluster. A job does it.

    409 without an article, with fewer than 10 tickets that people resolved, or while another one is open. For owners
    and reviewers.
    """
    started = await dry_runs.start_dry_run(
        functions_of(caller.backends), caller.one_tenant(tenant_id), cluster_id, tickets=body.tickets,
        actor=caller.actor,
    )  # fmt: skip
    return DryRunAnswer.model_validate(started)


@router.get("/clusters/{cluster_id}/dry-runs")
async def list_all(
    cluster_id: UUID, caller: Reader, tenant_id: TenantId = None, limit: Limit = 50, after: After = None
) -> Page[DryRunAnswer]:
    """The dry-runs of a cluster, the newest first."""
    tenant = await caller.known_tenant(tenant_id)
    functions, cursors = functions_of(caller.backends), Cursors("dry-runs", tenant, cluster_id)
    rows = await dry_runs.list_dry_runs(functions, tenant, cluster_id, limit=limit + 1, before=cursors.read(after))
    if not rows:
        await readiness.read_readiness(functions, tenant, cluster_id)  # the cluster exists
    shown, has_more = page_of(rows, limit)
    return Page(
        items=[DryRunAnswer.model_validate(each) for each in shown],
        next=cursors.write((shown[-1].created_at, shown[-1].id)) if has_more else None,
    )


@router.get("/dry-runs/{dry_run_id}")
async def get(dry_run_id: UUID, caller: Reader, tenant_id: TenantId = None) -> DryRunAnswer:
    """One dry-run: how far it is, and its figures."""
    return DryRunAnswer.model_validate(
        await dry_runs.read_dry_run(functions_of(caller.backends), caller.one_tenant(tenant_id), dry_run_id)
    )


@router.get("/dry-runs/{dry_run_id}/cases")
async def list_cases(
    dry_run_id: UUID,
    caller: Reader,
    tenant_id: TenantId = None,
    after: Annotated[int, Query(ge=0, le=100, description="`place` of the last case of the previous page.")] = 0,
    limit: Annotated[int, Query(ge=1, le=100)] = 50,
) -> CaseList:
    """The done cases of a dry-run: each past ticket, what people answered, and what autopilot would have."""
    functions, tenant = functions_of(caller.backends), caller.one_tenant(tenant_id)
    await dry_runs.read_dry_run(functions, tenant, dry_run_id)
    return CaseList(items=await dry_runs.list_cases(functions, tenant, dry_run_id, after=after, limit=limit))


@router.post("/dry-runs/{dry_run_id}/cancel")
async def cancel(dry_run_id: UUID, caller: Person, tenant_id: TenantId = None) -> DryRunAnswer:
    """Cancel a dry-run. What is done stays. 409 if it has ended. For owners and reviewers."""
    cancelled = await dry_runs.cancel_dry_run(
        functions_of(caller.backends), caller.one_tenant(tenant_id), dry_run_id, actor=caller.actor
    )
    return DryRunAnswer.model_validate(cancelled)
