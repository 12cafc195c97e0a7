"""Only one scheduler runs a job at a time. Missed and interrupted runs are made up by one run."""

from datetime import timedelta
from uuid import UUID, uuid4

import pytest

from services.backends import Backends
from services.job_runs import JobRun, JobRuns, RunStatus
from tests.builders import NOW
from tests.clock import FakeClock

HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
SLOT = NOW.replace(minute=0, second=0, microsecond=0)


@pytest.fixture
def jobs(backends: Backends) -> JobRuns:
    return backends.job_runs


async def take(
    jobs: JobRuns, worker: str = "one", *, every: timedelta | None = HOUR, run_id: UUID | None = None
) -> JobRun | None:
    return await jobs.start("scan", worker, run_id=run_id or uuid4(), every=every, lease_for=MINUTE)


async def taken(jobs: JobRuns, worker: str = "one", *, every: timedelta | None = HOUR) -> JobRun:
    run = await take(jobs, worker, every=every)
    assert run is not None
    return run


async def finish(jobs: JobRuns, run: JobRun) -> bool:
    return await jobs.finish(run, status=RunStatus.SUCCEEDED, counts={"read": 3}, error=None)


async def test_a_run_has_a_row_from_start_to_end(jobs: JobRuns, clock: FakeClock) -> None:
    clock.advance(minutes=7)
    run_id = uuid4()
    run = await take(jobs, run_id=run_id)
    begun = JobRun(
        id=run_id, job="scan", due_at=SLOT, status=RunStatus.RUNNING,
        worker_id="one", lease_until=clock() + MINUTE, started_at=clock(),
    )  # fmt: skip
    assert run == begun
    assert await jobs.list_runs("scan") == [begun]
    clock.advance(seconds=5)
    assert await jobs.finish(begun, status=RunStatus.FAILED, counts={"read": 3}, error="the server is away")
    [ended] = await jobs.list_runs()
    assert (ended.status, ended.counts, ended.error, ended.finished_at) == (
        "failed", {"read": 3}, "the server is away", clock(),
    )  # fmt: skip
    assert await jobs.list_runs("other") == []


async def test_each_scheduled_time_is_run_by_one_scheduler(jobs: JobRuns, clock: FakeClock) -> None:
    run = await taken(jobs)
    assert await take(jobs, "two") is None
    assert await finish(jobs, run)
    assert await take(jobs, "two") is None
    clock.advance(hours=1)
    assert (await taken(jobs, "two")).due_at == SLOT + HOUR


async def test_several_missed_times_are_made_up_by_one_run(jobs: JobRuns, clock: FakeClock) -> None:
    first = await taken(jobs)
    await finish(jobs, first)
    clock.advance(hours=9, minutes=20)
    late = await taken(jobs)
    assert late.due_at == SLOT + 9 * HOUR
    await finish(jobs, late)
    assert await take(jobs) is None


async def test_an_interrupted_run_is_lost_and_made_up_once(jobs: JobRuns, clock: FakeClock) -> None:
    broken = await taken(jobs)
    clock.advance(seconds=60)
    second = await taken(jobs, "two")
    assert second.due_at == broken.due_at
    assert [run.status for run in await jobs.list_runs("scan")] == ["running", "lost"]
    assert not await finish(jobs, broken)
    assert not await jobs.extend(broken, lease_for=MINUTE)
    clock.advance(seconds=60)
    assert await take(jobs, "three") is None
    assert [run.status for run in await jobs.list_runs("scan")] == ["lost", "lost"]
    clock.advance(hours=1)
    assert await take(jobs, "three") is not None


async def test_a_run_with_a_renewed_lease_is_not_lost(jobs: JobRuns, clock: FakeClock) -> None:
    run = await taken(jobs)
    clock.advance(seconds=40)
    assert await jobs.extend(run, lease_for=MINUTE)
    clock.advance(seconds=40)
    assert await take(jobs, "two") is None
    assert await finish(jobs, run)


async def test_a_manual_run_is_allowed_at_any_time_but_not_beside_another_run(jobs: JobRuns, clock: FakeClock) -> None:
    run = await taken(jobs)
    assert await take(jobs, "maria", every=None) is None
    await finish(jobs, run)
    manual = await taken(jobs, "maria", every=None)
    assert manual.due_at is None
    await finish(jobs, manual)
    assert await take(jobs) is None
    clock.advance(hours=1)
    await finish(jobs, await taken(jobs, "maria", every=None))
    assert await take(jobs) is not None  # a manual run does not replace the scheduled one


async def test_a_repeated_request_gets_the_same_answer(jobs: JobRuns) -> None:
    run_id = uuid4()
    run = await take(jobs, run_id=run_id)
    assert run is not None
    assert await take(jobs, run_id=run_id) == run
    assert await finish(jobs, run)
    assert await finish(jobs, run)


async def test_a_clock_set_back_starts_no_run_twice(jobs: JobRuns, clock: FakeClock) -> None:
    run = await taken(jobs)
    await finish(jobs, run)
    clock.advance(hours=-3)
    assert await take(jobs) is None
    clock.advance(hours=3, minutes=59)
    assert await take(jobs) is None
    clock.advance(minutes=1)
    assert await take(jobs) is not None


async def test_different_jobs_run_at_the_same_time(jobs: JobRuns) -> None:
    await taken(jobs)
    assert await jobs.start("other", "one", run_id=uuid4(), every=HOUR, lease_for=MINUTE) is not None
