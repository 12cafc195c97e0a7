"""Start every job when it is due. Any number of schedulers may run: the database gives each run to one of them."""

import asyncio
import time
from collections.abc import Iterable
from datetime import timedelta

import structlog
from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.interval import IntervalTrigger

from control_plane.jobs import Job, JobContext
from control_plane.jobs.run import run_job
from services.clock import utc_now
from services.errors import ControlPlaneError
from services.process.health import Health

log = structlog.get_logger("jobs")

POLLS_PER_INTERVAL = 4
"""How often a scheduler asks for a run within a job's interval. If another scheduler dies, the next run is late by at
most the interval divided by this number."""
CLOCK_CHECK_EVERY = 1.0
"""Seconds between two checks whether the clock was set back."""
CLOCK_TOLERANCE = 0.5
"""Seconds by which the clock may be set back unnoticed."""
JITTER = 0.1
"""Random part of the time between two polls, so that schedulers that started together do not poll together."""


async def run_scheduler(
    jobs: Iterable[Job], context: JobContext, *, worker_id: str, health: Health, until: asyncio.Event
) -> None:
    """Start jobs until the event is set. Runs are then cancelled, and another scheduler repeats them.

    Records in `health` every poll, and whether the database answered it.
    """
    scheduler = AsyncIOScheduler(timezone="UTC")
    running: dict[str, asyncio.Task[object] | None] = {}

    async def poll(job: Job) -> None:
        running[job.name] = asyncio.current_task()
        health.record_iteration()
        try:
            if await run_job(job, context, worker_id=worker_id) is None and job.on_every_scheduler:
                await job.run(context)
            health.database_problem = None
        except ControlPlaneError as exc:
            health.database_problem = str(exc)
            log.warning("job.postponed", job=job.name, error=str(exc))
        finally:
            running[job.name] = None

    for job in jobs:
        seconds = max(timedelta(seconds=1), job.every / POLLS_PER_INTERVAL).total_seconds()
        scheduler.add_job(
            poll, IntervalTrigger(seconds=seconds, jitter=seconds * JITTER), args=[job],
            id=job.name, next_run_time=utc_now(), coalesce=True, max_instances=1, misfire_grace_time=None,
        )  # fmt: skip
    scheduler.start()
    clock_check = asyncio.create_task(_check_clock(scheduler))
    try:
        await until.wait()
    finally:
        clock_check.cancel()
        health.stopping = True
        unfinished = [task for task in running.values() if task is not None]
        scheduler.shutdown(wait=False)  # cancels the running jobs
        await asyncio.gather(*unfinished, return_exceptions=True)


async def _check_clock(scheduler: AsyncIOScheduler) -> None:
    """Poll at once when the system clock was set back. Otherwise the scheduler would sleep until the old time."""
    offset = time.time() - time.monotonic()
    while True:
        await asyncio.sleep(CLOCK_CHECK_EVERY)
        previous, offset = offset, time.time() - time.monotonic()
        if offset < previous - CLOCK_TOLERANCE:
            log.warning("clock.set_back", seconds=round(previous - offset))
            for job in scheduler.get_jobs():
                job.modify(next_run_time=utc_now())
