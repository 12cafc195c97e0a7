"""`/console/jobs`: the scheduled jobs, their runs, and a run now. For operators."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Form, Request
from starlette.responses import Response

from control_plane.api.tools import Context
from control_plane.console.filters import Chosen
from control_plane.console.render import changed, render
from control_plane.console.session import OperatorViewer
from control_plane.jobs.requested import JobState, find_job, is_overdue, list_jobs, read_job, run_now
from services.clock import utc_now
from services.job_runs import JobRun, RunStatus

router = APIRouter(prefix="/jobs")
RUNS_IN_LIST, RUNS_OF_JOB = 12, 100


@router.get("")
async def show_list(request: Request, viewer: OperatorViewer) -> Response:
    """Every job with its latest runs."""
    states, now = await list_jobs(viewer.backends, runs_each=RUNS_IN_LIST), utc_now()
    is_late = any(is_overdue(state, now) for state in states)
    return render(request, "jobs/list.html", states=states, is_late=is_late, next_of=_next_of(now), took=seconds_of)


@router.get("/{name}")
async def show_one(request: Request, name: str, viewer: OperatorViewer) -> Response:
    """One job and its runs."""
    state = await read_job(viewer.backends, find_job(name), limit=RUNS_OF_JOB)
    return render(request, "jobs/one.html", state=state, next_of=_next_of(utc_now()), took=seconds_of, most=RUNS_OF_JOB)


@router.post("/{name}/run")
async def run(
    name: str, viewer: OperatorViewer, context: Context, tenant_id: Annotated[Chosen[UUID], Form()] = None
) -> Response:
    """Run the job now, and answer when the run has ended."""
    ended = await run_now(context, name, viewer.tenant_or_all(tenant_id))
    took = seconds_of(ended) or 0
    if ended.status is RunStatus.SUCCEEDED:
        return changed(f"{name} has run in {took:.1f} s.")
    return changed(f"{name} {ended.status}: {ended.error or 'no reason is on record'}")


def seconds_of(run: JobRun) -> float | None:
    """How long a run took; None while it runs."""
    return None if run.finished_at is None else (run.finished_at - run.started_at).total_seconds()


def _next_of(now: datetime) -> object:
    """A template function for the column `Next run`: the text, and whether the run is late."""

    def describe(state: JobState) -> tuple[datetime | None, str]:
        if state.job.is_needed is not None:
            return None, "when there is work"
        if state.next_run_at is None:
            return None, "when a scheduler runs"
        return state.next_run_at, "overdue" if is_overdue(state, now) else ""

    return describe
