"""Start every job when its moment comes. As many schedulers as you like may do so: the database elects who runs it."""

import asyncio
import time
from collections.abc import Iterable
from datetime import timedelta

import structlog
from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.interval import IntervalTrigger

from control_plane.jobs import Desk, Job
from control_plane.jobs.run import run_job
from services.clock import utc_now
from services.errors import ControlPlaneError
from services.process.health import Health

log = structlog.get_logger("jobs")

LOOKS_PER_PERIOD = 4
"""How often within a job's period a scheduler looks whether its moment has come: where another one died, this one is
late by a fraction of the period."""
MINDS_THE_CLOCK_EVERY = 1.0
PUT_BACK = 0.5
"""Seconds by which a clock may drift without anybody taking note."""
JITTER = 0.1
"""Of a look's interval: schedulers that started together do not ask together for ever."""


async def _mind_the_clock(scheduler: AsyncIOScheduler) -> None:
    """The scheduler sleeps until a moment of the wall clock, which may be put back: look at once then, and go on."""
    ahead = time.time() - time.monotonic()
    while True:
        await asyncio.sleep(MINDS_THE_CLOCK_EVERY)
        before, ahead = ahead, time.time() - time.monotonic()
        if ahead < before - PUT_BACK:
            log.warning("clock.put_back", seconds=round(before - ahead))
            for job in scheduler.get_jobs():
                job.modify(next_run_time=utc_now())


async def keep_running(
    jobs: Iterable[Job], desk: Desk, *, worker_id: str, health: Health, until: asyncio.Event
) -> None:
    """Until told to stop; what runs then is called off, and caught up by whoever comes next.

    `health` hears of each look, and whether the database answered it.
    """
    scheduler = AsyncIOScheduler(timezone="UTC")
    running: dict[str, asyncio.Task[object] | None] = {}

    async def look(job: Job) -> None:
        running[job.name] = asyncio.current_task()
        health.record_iteration()
        try:
            if await run_job(job, desk, worker_id=worker_id) is None and job.everywhere:
                await job.run(desk)
            health.database_problem = None
        except ControlPlaneError as exc:
            health.database_problem = str(exc)
            log.warning("job.put_off", job=job.name, error=str(exc))
        finally:
            running[job.name] = None

    for job in jobs:
        apart = max(timedelta(seconds=1), job.every / LOOKS_PER_PERIOD)
        scheduler.add_job(
            look, IntervalTrigger(seconds=apart.total_seconds(), jitter=apart.total_seconds() * JITTER), args=[job],
            id=job.name, next_run_time=utc_now(), coalesce=True, max_instances=1, misfire_grace_time=None,
        )  # fmt: skip
    scheduler.start()
    minding = asyncio.create_task(_mind_the_clock(scheduler))
    try:
        await until.wait()
    finally:
        minding.cancel()
        health.stopping = True
        left = [task for task in running.values() if task is not None]
        scheduler.shutdown(wait=False)  # cancels them
        await asyncio.gather(*left, return_exceptions=True)
