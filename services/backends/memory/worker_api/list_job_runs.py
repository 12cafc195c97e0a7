"""List runs of jobs, the newest first."""

from services.backends.memory.job_runs import runs_of
from services.backends.memory.state import State
from services.job_runs import JobRun


def list_job_runs(state: State, job: str | None, *, limit: int) -> list[JobRun]:
    """See `services.job_runs.JobRuns.list_runs`."""
    return runs_of(state, job)[:limit]
