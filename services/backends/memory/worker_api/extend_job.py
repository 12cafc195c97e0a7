"""Extend the lease of a run of a job."""

from datetime import timedelta

from services.backends.memory.check_texts import check_texts
from services.backends.memory.job_runs import change_run
from services.backends.memory.state import State
from services.job_runs import JobRun


def extend_job(state: State, run: JobRun, *, lease_for: timedelta) -> bool:
    """See `services.job_runs.JobRuns.extend`."""
    check_texts(job=run.job)
    with state.change() as now:
        return change_run(state, run, lease_until=now + lease_for)
