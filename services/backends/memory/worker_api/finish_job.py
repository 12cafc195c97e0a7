"""End a run of a job."""

from collections.abc import Mapping

from services.backends.memory.check_texts import check_texts
from services.backends.memory.job_runs import change_run
from services.backends.memory.state import State
from services.job_runs import JobRun, RunStatus
from services.jsonb import as_stored


def finish_job(state: State, run: JobRun, *, status: RunStatus, counts: Mapping[str, int], error: str | None) -> bool:
    """See `services.job_runs.JobRuns.finish`."""
    check_texts(job=run.job, status=status, error=error)
    with state.change() as now:
        changed = change_run(state, run, status=status, finished_at=now, counts=as_stored(dict(counts)), error=error)
        stored_run = state.job_runs.get(run.id)
        return changed or (stored_run is not None and stored_run.status == status)
