"""`/v1/jobs`: the scheduled jobs, their runs, and a run now. For operators."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from control_plane.api.answers import Answer
from control_plane.api.bodies import StrictRoute
from control_plane.api.identity import Operator
from control_plane.api.tools import Context
from control_plane.jobs.requested import find_job, list_jobs, run_now
from services.job_runs import RunStatus

router = APIRouter(prefix="/v1/jobs", route_class=StrictRoute, tags=["jobs"])
RUNS_READ = 20
"""How many runs of each job are read to find its last scheduled run."""


class RunAnswer(Answer):
    """One run of a job."""

    id: UUID
    job: str = Field(examples=["catalog_drift"])
    due_at: datetime | None = Field(description="When the scheduler had to start the run; null for a manual run.")
    status: RunStatus
    worker_id: str
    lease_until: datetime
    started_at: datetime
    finished_at: datetime | None
    counts: Mapping[str, int] = Field(examples=[{"unchanged": 14}])
    error: str | None


class JobAnswer(BaseModel):
    """A job, and its last run."""

    name: str = Field(examples=["catalog_drift"])
    description: str
    every: float = Field(description="Seconds between two runs.", examples=[3600])
    by_tenant: bool = Field(description="Whether the job can run for a single tenant.")
    next_run_at: datetime | None = Field(
        description="When its next scheduled run is due; null if no scheduler ran the job or it runs only when needed."
    )
    last_run: RunAnswer | None


class JobList(BaseModel):
    items: list[JobAnswer]


class RunList(BaseModel):
    """Runs, the latest first."""

    items: list[RunAnswer]


@router.get("")
async def list_all(caller: Operator) -> JobList:
    """All jobs with their last run."""
    items = [
        JobAnswer(
            name=state.job.name, description=state.job.description, every=state.job.every.total_seconds(),
            by_tenant=state.job.by_tenant, next_run_at=state.next_run_at,
            last_run=RunAnswer.model_validate(state.runs[0]) if state.runs else None,
        )
        for state in await list_jobs(caller.backends, runs_each=RUNS_READ)
    ]  # fmt: skip
    return JobList(items=items)


@router.get("/{name}/runs")
async def list_runs(name: str, caller: Operator, limit: Annotated[int, Query(ge=1, le=1000)] = 50) -> RunList:
    """The runs of one job, the latest first."""
    runs = await caller.backends.job_runs.list_runs(find_job(name).name, limit=limit)
    return RunList(items=[RunAnswer.model_validate(run) for run in runs])


@router.post("/{name}/runs", status_code=201)
async def run(name: str, caller: Operator, context: Context, tenant_id: UUID | None = None) -> RunAnswer:
    """Run a job now, for one tenant or for all, and answer when the run has ended. 409 if it is already running."""
    return RunAnswer.model_validate(await run_now(context, name, caller.tenant_or_all(tenant_id)))
