"""The service of job runs, in memory."""

from collections.abc import Mapping
from datetime import timedelta
from uuid import UUID

from services.backends.memory.state import State
from services.backends.memory.worker_api.extend_job import extend_job
from services.backends.memory.worker_api.finish_job import finish_job
from services.backends.memory.worker_api.list_job_runs import list_job_runs
from services.backends.memory.worker_api.take_job import take_job
from services.job_runs import JobRun, RunStatus


class MemoryJobRuns:
    """See `services.job_runs.JobRuns`."""

    def __init__(self, state: State) -> None:
        self._state = state

    async def start(
        self, job: str, worker_id: str, *, run_id: UUID, every: timedelta | None, lease_for: timedelta
    ) -> JobRun | None:
        return take_job(self._state, job, worker_id, run_id=run_id, every=every, lease_for=lease_for)

    async def extend(self, run: JobRun, *, lease_for: timedelta) -> bool:
        return extend_job(self._state, run, lease_for=lease_for)

    async def finish(self, run: JobRun, *, status: RunStatus, counts: Mapping[str, int], error: str | None) -> bool:
        return finish_job(self._state, run, status=status, counts=counts, error=error)

    async def list_runs(self, job: str | None = None, *, limit: int = 50) -> list[JobRun]:
        return list_job_runs(self._state, job, limit=limit)
