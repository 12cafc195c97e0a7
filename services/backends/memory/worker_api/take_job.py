"""Start a run of a job if the job is due and not running."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

from services.backends.memory.check_texts import check_texts
from services.backends.memory.job_runs import runs_of
from services.backends.memory.state import State
from services.job_runs import JobRun, RunStatus

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
"""The moments of a job are counted from here."""
MAX_RUNS = 1000
"""How many runs of a job are stored."""


def take_job(
    state: State, job: str, worker_id: str, *, run_id: UUID, every: timedelta | None, lease_for: timedelta
) -> JobRun | None:
    """See `services.job_runs.JobRuns.start`."""
    check_texts(job=job, worker_id=worker_id)
    with state.change() as now:
        slot = None if every is None else EPOCH + (now - EPOCH) // every * every
        last = next(iter(runs_of(state, job)), None)
        if last is not None and last.id == run_id:
            return last
        if last is not None and last.status is RunStatus.RUNNING and last.lease_until > now:
            return None
        if last is not None and last.status is RunStatus.RUNNING:
            error = "its lease expired before it finished"
            state.job_runs[last.id] = replace(last, status=RunStatus.LOST, finished_at=now, error=error)
        if slot is not None:
            statuses = [run.status for run in runs_of(state, job) if run.due_at is not None and run.due_at >= slot]
            if len(statuses) > 1 or {*statuses} - {RunStatus.LOST}:
                return None
        run = JobRun(
            id=run_id, job=job, due_at=slot, status=RunStatus.RUNNING, worker_id=worker_id, lease_until=now + lease_for,
            started_at=now,
        )  # fmt: skip
        state.job_runs[run.id] = run
        for old in runs_of(state, job)[MAX_RUNS:]:
            del state.job_runs[old.id]
        return run
