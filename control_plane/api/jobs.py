"""`/v1/jobs`: the scheduled jobs, their runs, and a run now. For operators."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Annotated
from uuid import UUID, uuid4

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from control_plane.api.answers import Answer
from control_plane.api.bodies import StrictRoute
from control_plane.api.identity import Operator
from control_plane.api.tools import Context
from control_plane.jobs import Job
from control_plane.jobs.registry import JOBS
from control_plane.jobs.run import run_job
from services.errors import InvalidInput, NotFound, StateConflict
from services.job_runs import RunStatus

router = APIRouter(prefix="/v1/jobs", route_class=StrictRoute, tags=["jobs"])


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
    last_run: RunAnswer | None


class JobList(BaseModel):
    items: list[JobAnswer]


class RunList(BaseModel):
    """Runs, the latest first."""

    items: list[RunAnswer]


@router.get("")
async def list_all(caller: Operator) -> JobList:
    """All jobs with their last run."""
    items = []
    for job in JOBS.values():
        runs = await caller.backends.job_runs.list_runs(job.name, limit=1)
        items.append(
            JobAnswer(
                name=job.name, description=job.description, every=job.every.total_seconds(), by_tenant=job.by_tenant,
                last_run=RunAnswer.model_validate(runs[0]) if runs else None,
            )
        )  # fmt: skip
    return JobList(items=items)


@router.get("/{name}/runs")
async def list_runs(name: str, caller: Operator, limit: Annotated[int, Query(ge=1, le=1000)] = 50) -> RunList:
    """The runs of one job, the latest first."""
    runs = await caller.backends.job_runs.list_runs(_find_job(name).name, limit=limit)
    return RunList(items=[RunAnswer.model_validate(run) for run in runs])


@router.post("/{name}/runs", status_code=201)
async def run(name: str, caller: Operator, context: Context, tenant_id: UUID | None = None) -> RunAnswer:
    """Run a job now, for one tenant or for all, and answer when the run has ended. 409 if it is already running."""
    job = _find_job(name)
    if tenant_id is not None:
        if not job.by_tenant:
            raise InvalidInput("tenant_id", f"{name} cannot run for a single tenant: leave it out")
        await caller.backends.tenants.get(tenant_id)
    finished = await run_job(job, replace(context, tenant=tenant_id, is_requested=True), worker_id=str(uuid4()))
    if finished is None:
        raise StateConflict("job", f"{name} is already running")
    return RunAnswer.model_validate(finished)


def _find_job(name: str) -> Job:
    if name not in JOBS:
        raise NotFound("job", None, f"no such job; the jobs are {', '.join(JOBS)}")
    return JOBS[name]
