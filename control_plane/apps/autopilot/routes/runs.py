"""`/v1/autopilot/runs`: syncs and new models, how far they are, and how they ended."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query
from pydantic import Field

from control_plane.api.answers import Answer
from control_plane.api.bodies import StrictRoute
from control_plane.api.identity import Person, Reader, TenantId
from control_plane.api.pages import After, Cursors, Limit, Page, page_of
from control_plane.apps.autopilot.runs import RunKind, RunStatus
from control_plane.apps.autopilot.store import functions_of, runs

router = APIRouter(prefix="/v1/autopilot/runs", route_class=StrictRoute, tags=["ingestion runs"])


class RunAnswer(Answer):
    """One ingestion run."""

    id: UUID
    kind: RunKind
    connection_id: UUID | None = Field(validation_alias="data_source_connection_id")
    status: RunStatus
    started_by: str | None = Field(description="Null: a schedule started it.")
    created_at: datetime
    started_at: datetime | None
    completed_at: datetime | None
    records_processed: int
    records_failed: int
    records_estimated: int | None = Field(description="How many tickets the ticket system announced.")
    error_message: str | None = Field(description="Why it failed, in one word.", examples=["authentication_failed"])
    error_detail: Mapping[str, Any] | None = Field(
        examples=[{"problem": "acme.service-now.com does not accept the login"}]
    )


@router.get("")
async def list_all(
    caller: Reader,
    tenant_id: TenantId = None,
    connection_id: Annotated[UUID | None, Query(description="Only the runs of this connection.")] = None,
    limit: Limit = 50,
    after: After = None,
) -> Page[RunAnswer]:
    """The runs, the newest first."""
    tenant = await caller.known_tenant(tenant_id)
    cursors = Cursors("ingestion runs", tenant, connection_id)
    rows = await runs.list_runs(
        functions_of(caller.backends), tenant, connection=connection_id, before=cursors.read(after), limit=limit + 1
    )
    shown, has_more = page_of(rows, limit)
    return Page(
        items=[RunAnswer.model_validate(each) for each in shown],
        next=cursors.write((shown[-1].created_at, shown[-1].id)) if has_more else None,
    )


@router.get("/{run_id}")
async def get(run_id: UUID, caller: Reader, tenant_id: TenantId = None) -> RunAnswer:
    """One run: how far it is, or how it ended."""
    run = await runs.read_run(functions_of(caller.backends), caller.one_tenant(tenant_id), run_id)
    return RunAnswer.model_validate(run)


@router.post("/{run_id}/cancel")
async def cancel(run_id: UUID, caller: Person, tenant_id: TenantId = None) -> RunAnswer:
    """Cancel a run; what it stored stays. 409 if it has ended. For owners and reviewers."""
    run = await runs.cancel_run(functions_of(caller.backends), caller.one_tenant(tenant_id), run_id, actor=caller.actor)
    return RunAnswer.model_validate(run)
