"""However many schedulers run, each run is done once."""

import asyncio
from datetime import UTC, datetime, timedelta, tzinfo

import pytest

from control_plane.jobs import (
    JobContext,
    JobReport,
)
from control_plane.jobs import scheduler as scheduling
from control_plane.jobs.scheduler import run_scheduler
from services.errors import NotReady
from services.process.health import Health
from tests.control_plane.jobs.world import World, a_job


async def test_two_schedulers_run_each_job_once_and_a_stop_cancels_running_jobs(world: World) -> None:
    begun, done, ends = asyncio.Event(), asyncio.Event(), []

    async def quick(_: JobContext) -> JobReport:
        ends.append("quick")
        done.set()
        return JobReport()

    async def slow(_: JobContext) -> JobReport:
        begun.set()
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            ends.append("slow called off")
            raise
        return JobReport()

    jobs = [a_job(quick, name="quick"), a_job(slow, name="slow")]
    stop = asyncio.Event()
    async with asyncio.timeout(60), asyncio.TaskGroup() as group:
        for name in ("one", "two"):
            group.create_task(
                run_scheduler(jobs, world.context, worker_id=name, health=Health(stalled_after=60), until=stop)
            )
        await begun.wait()
        await done.wait()
        stop.set()
    assert sorted(ends) == ["quick", "slow called off"]
    assert [(run.job, run.status) for run in await world.backends.job_runs.list_runs("slow")] == [("slow", "lost")]


async def test_a_clock_that_is_set_back_and_corrected_again_stops_no_scheduler(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    shift, looked = [timedelta(0)], asyncio.Event()

    class Shifted(datetime):
        @classmethod
        def now(cls, tz: tzinfo | None = None) -> datetime:  # type: ignore[override]
            return datetime.now(tz) + shift[0]

    async def look(_: JobContext) -> JobReport:
        looked.set()
        return JobReport()

    async def looks_again() -> None:
        looked.clear()
        await looked.wait()

    monkeypatch.setattr("apscheduler.schedulers.base.datetime", Shifted)
    monkeypatch.setattr(scheduling, "utc_now", lambda: Shifted.now(UTC))
    monkeypatch.setattr("control_plane.jobs.scheduler.time.time", lambda: Shifted.now(UTC).timestamp())
    monkeypatch.setattr(scheduling, "CLOCK_CHECK_EVERY", 0.01)
    stop = asyncio.Event()
    job = a_job(look, every=timedelta(seconds=1), on_every_scheduler=True)
    async with asyncio.timeout(60), asyncio.TaskGroup() as group:
        group.create_task(
            run_scheduler([job], world.context, worker_id="one", health=Health(stalled_after=60), until=stop)
        )
        await looked.wait()
        for wrong in (timedelta(days=-1), timedelta(0), timedelta(days=1), timedelta(0)):
            shift[0] = wrong
            await looks_again()
            await looks_again()
        stop.set()


async def test_a_scheduler_says_when_the_database_does_not_answer(world: World) -> None:
    away, back = asyncio.Event(), asyncio.Event()

    async def is_needed(_: JobContext) -> bool:
        if not away.is_set():
            away.set()
            raise NotReady("database: not reachable")
        back.set()
        return False

    async def nothing(_: JobContext) -> JobReport:
        return JobReport()

    health, stop = Health(stalled_after=60), asyncio.Event()
    job = a_job(nothing, every=timedelta(seconds=1), is_needed=is_needed)
    async with asyncio.timeout(60), asyncio.TaskGroup() as group:
        group.create_task(run_scheduler([job], world.context, worker_id="one", health=health, until=stop))
        await away.wait()
        await asyncio.sleep(0)
        assert health.problems() == ["database: not reachable"]
        await back.wait()
        await asyncio.sleep(0)
        assert health.problems() == []
        stop.set()
    assert health.problems() == ["stopping"]


async def test_every_scheduler_updates_its_own_metrics(world: World) -> None:
    reads: list[str] = []
    both = asyncio.Event()

    async def read(_: JobContext) -> JobReport:
        reads.append("read")
        if len(reads) == 2:
            both.set()
        return JobReport()

    jobs, stop = [a_job(read, on_every_scheduler=True)], asyncio.Event()
    async with asyncio.timeout(60), asyncio.TaskGroup() as group:
        for name in ("one", "two"):
            group.create_task(
                run_scheduler(jobs, world.context, worker_id=name, health=Health(stalled_after=60), until=stop)
            )
        await both.wait()
        stop.set()
    assert len(await world.backends.job_runs.list_runs("a_job")) == 1
