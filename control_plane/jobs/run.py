"""One run of a job: take its lease, do the work, extend the lease meanwhile, and record the end."""

import asyncio
import time
from contextlib import suppress
from datetime import timedelta
from uuid import uuid4

from control_plane.jobs import Job, JobContext, JobReport, log, log_bug
from control_plane.jobs.metrics import RUN_SECONDS_HISTOGRAM, RUNS_COUNTER
from services.errors import ControlPlaneError, SettingsError
from services.job_runs import JobRun, RunStatus
from services.untrusted import one_line

LEASE_FOR = timedelta(minutes=1)
"""A run whose lease is not extended for this long is lost, and another scheduler repeats it."""


async def run_job(job: Job, context: JobContext, *, worker_id: str) -> JobRun | None:
    """Run the job if it is due or requested, and not already running. Returns None if it did not run.

    A failure of the job itself is recorded in the run. Raises ControlPlaneError if the run cannot be started or
    recorded.
    """
    job_runs = context.backends.job_runs
    if not context.is_requested and not await _is_needed(job, context):
        return None
    every = None if context.is_requested else job.every
    run = await job_runs.start(job.name, worker_id, run_id=uuid4(), every=every, lease_for=LEASE_FOR)
    if run is None:
        return None
    started_at = time.perf_counter()
    try:
        report = await _work_under_lease(job, context, run)
    except asyncio.CancelledError:
        # end the run now: otherwise other schedulers would wait until its lease expires
        with suppress(ControlPlaneError):
            await asyncio.shield(
                job_runs.finish(run, status=RunStatus.LOST, counts={}, error="it was stopped before it finished")
            )
        raise
    seconds = time.perf_counter() - started_at
    status = RunStatus.SUCCEEDED if report.problem is None else RunStatus.FAILED
    if not await job_runs.finish(run, status=status, counts=report.counts, error=report.problem):
        status = RunStatus.LOST
    RUNS_COUNTER.labels(job=job.name, status=status).inc()
    RUN_SECONDS_HISTOGRAM.labels(job=job.name).observe(seconds)
    log.info(
        "job.finished", job=job.name, status=status, milliseconds=round(seconds * 1000, 1), error=report.problem,
        **report.counts,
    )  # fmt: skip
    return next((finished for finished in await job_runs.list_runs(job.name) if finished.id == run.id), run)


async def _is_needed(job: Job, context: JobContext) -> bool:
    """Whether the job has work. With wrong settings the job runs: the run fails and says why, and other jobs go on."""
    try:
        return job.is_needed is None or await job.is_needed(context)
    except SettingsError:
        return True


async def _work_under_lease(job: Job, context: JobContext, run: JobRun) -> JobReport:
    """Do the job's work. If the lease is lost, the work is cancelled."""
    work = asyncio.create_task(_work(job, context))
    lease = asyncio.create_task(_extend_until_lost(context, run))
    try:
        await asyncio.wait([work, lease], return_when=asyncio.FIRST_COMPLETED)
        if work.done():
            return work.result()
        return JobReport(problem="its lease expired, and another scheduler repeats the run")
    finally:
        for task in (work, lease):
            task.cancel()
        await asyncio.gather(work, lease, return_exceptions=True)


async def _work(job: Job, context: JobContext) -> JobReport:
    try:
        return await job.run(context)
    except ControlPlaneError as exc:
        return JobReport(problem=one_line(str(exc)))
    except Exception as exc:  # a bug in one job must not stop the other jobs
        return JobReport(problem=log_bug(exc, job=job.name))


async def _extend_until_lost(context: JobContext, run: JobRun) -> None:
    """Extend the lease until it is lost. While the database does not answer, the lease counts as held."""
    while True:
        await asyncio.sleep(LEASE_FOR.total_seconds() / 3)
        with suppress(ControlPlaneError):
            if not await context.backends.job_runs.extend(run, lease_for=LEASE_FOR):
                return
