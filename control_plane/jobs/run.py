"""One run of a job: take its lease, do it, hold the lease meanwhile, and write down how it ended."""

import asyncio
import time
from contextlib import suppress
from datetime import timedelta
from uuid import uuid4

from control_plane.jobs import Desk, Job, Report, log, tell_bug
from control_plane.jobs.metrics import RUNS, SECONDS
from services.errors import ControlPlaneError
from services.job_runs import JobRun, RunStatus
from services.untrusted import one_line

LEASE_FOR = timedelta(minutes=1)
"""Without a sign of life for so long, a run counts as lost, and another scheduler catches it up."""


async def run_job(job: Job, desk: Desk, *, worker_id: str, asked: bool = False) -> JobRun | None:
    """Run it if its moment has come and nobody else does; None otherwise. `asked`: a person wants it now.

    Raises ControlPlaneError only where the run could not be started or written down.
    """
    jobs = desk.backends.job_runs
    if job.wanted is not None and not asked and not await job.wanted(desk):
        return None
    run = await jobs.take(job.name, worker_id, run_id=uuid4(), every=None if asked else job.every, lease_for=LEASE_FOR)
    if run is None:
        return None
    began = time.perf_counter()
    try:
        report = await _held(job, desk, run)
    except asyncio.CancelledError:  # at once for whoever comes next, not when the lease is over
        with suppress(ControlPlaneError):
            await asyncio.shield(
                jobs.finish(run, status=RunStatus.LOST, counts={}, error="it was stopped before its end")
            )
        raise
    seconds = time.perf_counter() - began
    status = RunStatus.SUCCEEDED if report.problem is None else RunStatus.FAILED
    if not await jobs.finish(run, status=status, counts=report.counts, error=report.problem):
        status = RunStatus.LOST
    RUNS.labels(job=job.name, status=status).inc()
    SECONDS.labels(job=job.name).observe(seconds)
    log.info(
        "job.finished", job=job.name, status=status, milliseconds=round(seconds * 1000, 1), error=report.problem,
        **report.counts,
    )  # fmt: skip
    return next((kept for kept in await jobs.list_runs(job.name) if kept.id == run.id), run)


async def _held(job: Job, desk: Desk, run: JobRun) -> Report:
    """The job's own work; called off when the lease is lost."""
    work = asyncio.create_task(_attempt(job, desk))
    holding = asyncio.create_task(_hold(desk, run))
    try:
        await asyncio.wait([work, holding], return_when=asyncio.FIRST_COMPLETED)
        if work.done():
            return work.result()
        return Report(problem="another scheduler took it over: this one gave no sign of life in time")
    finally:
        for task in (work, holding):
            task.cancel()
        await asyncio.gather(work, holding, return_exceptions=True)


async def _attempt(job: Job, desk: Desk) -> Report:
    try:
        return await job.run(desk)
    except ControlPlaneError as exc:
        return Report(problem=one_line(str(exc)))
    except Exception as exc:  # a bug in one job must not take the others along
        return Report(problem=tell_bug(exc, job=job.name))


async def _hold(desk: Desk, run: JobRun) -> None:
    """Return when the lease is lost; while the database is away it is not known to be."""
    while True:
        await asyncio.sleep(LEASE_FOR.total_seconds() / 3)
        with suppress(ControlPlaneError):
            if not await desk.backends.job_runs.extend(run, lease_for=LEASE_FOR):
                return
