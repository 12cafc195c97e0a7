"""Run a job at a person's request, and compute when each job runs next."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from control_plane.jobs import Job, JobContext
from control_plane.jobs.registry import JOBS
from control_plane.jobs.run import run_job
from services.backends import Backends
from services.errors import InvalidInput, NotFound, StateConflict
from services.job_runs import JobRun, RunStatus


@dataclass(frozen=True, slots=True, kw_only=True)
class JobState:
    """A job, and its latest runs."""

    job: Job
    runs: tuple[JobRun, ...]
    """The latest first."""
    next_run_at: datetime | None
    """When its next scheduled run is due; None if no scheduler has run it, or if it runs only when there is work."""

    @property
    def ended(self) -> JobRun | None:
        """The latest run of the job that has ended."""
        return next((run for run in self.runs if run.status is not RunStatus.RUNNING), None)


def find_job(name: str) -> Job:
    """The job of this name. Raises NotFound."""
    if name not in JOBS:
        raise NotFound("job", None, f"no such job; the jobs are {', '.join(JOBS)}")
    return JOBS[name]


async def run_now(context: JobContext, name: str, tenant: UUID | None) -> JobRun:
    """Run the job for one tenant or for all, and return the run when it has ended.

    Raises NotFound, InvalidInput for a job that cannot run for one tenant, and StateConflict while it is running.
    """
    job = find_job(name)
    if tenant is not None:
        if not job.by_tenant:
            raise InvalidInput("tenant_id", f"{name} cannot run for a single tenant: leave it out")
        await context.backends.tenants.get(tenant)
    ended = await run_job(job, replace(context, tenant=tenant, is_requested=True), worker_id=str(uuid4()))
    if ended is None:
        raise StateConflict("job", f"{name} is already running")
    return ended


async def list_jobs(backends: Backends, *, runs_each: int) -> list[JobState]:
    """Every job with its latest runs."""
    return [await read_job(backends, job, limit=runs_each) for job in JOBS.values()]


async def read_job(backends: Backends, job: Job, *, limit: int) -> JobState:
    """A job with its latest runs."""
    runs = await backends.job_runs.list_runs(job.name, limit=limit)
    scheduled = max((run.due_at for run in runs if run.due_at is not None), default=None)
    next_run_at = None if scheduled is None or job.is_needed is not None else scheduled + job.every
    return JobState(job=job, runs=tuple(runs), next_run_at=next_run_at)


def is_overdue(state: JobState, now: datetime) -> bool:
    """Whether a scheduled run is so late that no scheduler seems to run."""
    return state.next_run_at is not None and now > state.next_run_at + max(state.job.every, timedelta(minutes=1))
