"""Runs of jobs: how they are listed, and changed while they go on."""

from dataclasses import replace
from typing import Any

from services.backends.memory.state import State
from services.job_runs import JobRun, RunStatus


def runs_of(state: State, job: str | None) -> list[JobRun]:
    """Of one job or of all, the last one first."""
    mine = [run for run in state.job_runs.values() if job in {None, run.job}]
    return sorted(mine, key=lambda run: (run.started_at, run.id), reverse=True)


def change_run(state: State, run: JobRun, **changes: Any) -> bool:
    """Write these columns; False, and nothing is written, when it no longer runs."""
    kept = state.job_runs.get(run.id)
    if kept is None or kept.status is not RunStatus.RUNNING:
        return False
    state.job_runs[run.id] = replace(kept, **changes)
    return True
