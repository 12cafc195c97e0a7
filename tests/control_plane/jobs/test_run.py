"""One run of a job: its lease, its row, and how it ends."""

import asyncio
from datetime import timedelta
from uuid import uuid4

import pytest

from control_plane.jobs import (
    JobContext,
    JobReport,
)
from control_plane.jobs import run as running
from control_plane.jobs.run import run_job
from services.errors import NotReady, SettingsError
from tests.control_plane.jobs.world import World, a_job


async def test_a_run_is_stored_with_its_counts(world: World) -> None:
    async def work(_: JobContext) -> JobReport:
        return JobReport(counts={"done": 3})

    assert await world.run(a_job(work)) == ("succeeded", {"done": 3}, None)
    [kept] = await world.backends.job_runs.list_runs("a_job")
    assert (kept.status, kept.counts, kept.worker_id) == ("succeeded", {"done": 3}, "one")
    assert await run_job(a_job(work), world.context, worker_id="two") is None


@pytest.mark.parametrize(
    ("raised", "said"),
    [
        (NotReady("the database is away"), "the database is away"),
        (KeyError("s3cret"), "a bug: KeyError: see job.bug in the log"),
    ],
)
async def test_an_error_of_a_job_ends_only_its_run(world: World, raised: Exception, said: str) -> None:
    async def work(_: JobContext) -> JobReport:
        raise raised

    assert await world.run(a_job(work)) == ("failed", {}, said)


async def test_a_run_whose_lease_was_lost_is_cancelled(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(running, "LEASE_FOR", timedelta(seconds=0.03))
    called_off = asyncio.Event()

    async def work(_: JobContext) -> JobReport:
        world.clock.advance(minutes=2)
        other = await world.backends.job_runs.start(
            "a_job", "two", run_id=uuid4(), every=None, lease_for=timedelta(hours=1)
        )
        assert other is not None
        try:
            await asyncio.Event().wait()
        finally:
            called_off.set()
        return JobReport()

    async with asyncio.timeout(60):
        status, _, error = await world.run(a_job(work))
    assert called_off.is_set()
    assert (status, error) == ("lost", "its lease expired before it finished")


async def test_a_run_that_is_not_needed_is_skipped_unless_a_person_requests_it(world: World) -> None:
    async def nothing(_: JobContext) -> JobReport:
        return JobReport()

    async def no(_: JobContext) -> bool:
        return False

    job = a_job(nothing, is_needed=no)
    assert await run_job(job, world.context, worker_id="one") is None
    assert await world.backends.job_runs.list_runs() == []
    assert (await world.run(job, requested=True))[0] == "succeeded"


async def test_wrong_settings_of_one_job_are_recorded_in_its_run(world: World) -> None:
    async def read_settings(_: JobContext) -> bool:
        raise SettingsError("ACP_AUTOPILOT_BROKER: no broker named 'other'")

    async def work(context: JobContext) -> JobReport:
        await read_settings(context)
        return JobReport()

    run = await run_job(a_job(work, is_needed=read_settings), world.context, worker_id="one")
    assert run is not None
    assert (run.status, run.error) == ("failed", "ACP_AUTOPILOT_BROKER: no broker named 'other'")
