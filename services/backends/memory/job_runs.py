"""List and change runs of jobs."""

from dataclasses import replace
from typing import Any

from services.backends.memory.state import State
from services.job_runs import JobRun, RunStatus


def runs_of(state: State, job: str | None) -> list[JobRun]:
    """The runs of one job, or of all jobs (None), the newest first."""
    runs = [run for run in state.job_runs.values() if job in {None, run.job}]
    return sorted(runs, key=lambda run: (run.started_at, run.id), reverse=True)


def change_run(state: State, run: JobRun, **changes: Any) -> bool:
    """Change columns of a run. Returns False, and changes nothing, if the run has ended."""
    current = state.job_runs.get(run.id)
    if current is None or current.status is not RunStatus.RUNNING:
        return False
    state.job_runs[run.id] = replace(current, **changes)
    return True
