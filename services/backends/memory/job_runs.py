"""JobRuns in memory."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

from services.backends.memory.check_texts import check_texts
from services.backends.memory.state import State
from services.job_runs import JobRun

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
KEPT = 1000


@check_texts
class MemoryJobRuns:
    """See `services.job_runs.JobRuns`."""

    def __init__(self, state: State) -> None:
        self._state = state

    async def take(
        self, job: str, worker_id: str, *, run_id: UUID, every: timedelta | None, lease_for: timedelta
    ) -> JobRun | None:
        with self._state.change() as now:
            slot = None if every is None else EPOCH + (now - EPOCH) // every * every
            runs = self._runs(job)
            last = runs[0] if runs else None
            if last is not None and last.id == run_id:
                return last
            if last is not None and last.status == "running" and last.lease_until > now:
                return None
            if last is not None and last.status == "running":
                error = "its lease expired before it finished"
                self._state.job_runs[last.id] = replace(last, status="lost", finished_at=now, error=error)
            if slot is not None:
                stood = [run.status for run in self._runs(job) if run.due_at is not None and run.due_at >= slot]
                if len(stood) > 1 or {*stood} - {"lost"}:
                    return None
            run = JobRun(
                id=run_id, job=job, due_at=slot, status="running", worker_id=worker_id, lease_until=now + lease_for,
                started_at=now,
            )  # fmt: skip
            self._state.job_runs[run.id] = run
            for old in self._runs(job)[KEPT:]:
                del self._state.job_runs[old.id]
            return run

    async def extend(self, run: JobRun, *, lease_for: timedelta) -> bool:
        with self._state.change() as now:
            return self._write(run, lease_until=now + lease_for)

    async def finish(self, run: JobRun, *, status: str, counts: Mapping[str, int], error: str | None) -> bool:
        with self._state.change() as now:
            closed = self._write(run, status=status, finished_at=now, counts=dict(counts), error=error)
            kept = self._state.job_runs.get(run.id)
            return closed or (kept is not None and kept.status == status)

    async def list_runs(self, job: str | None = None, *, limit: int = 50) -> list[JobRun]:
        return self._runs(job)[:limit]

    def _write(self, run: JobRun, **changes: object) -> bool:
        kept = self._state.job_runs.get(run.id)
        if kept is None or kept.status != "running":
            return False
        self._state.job_runs[run.id] = replace(kept, **changes)  # type: ignore[arg-type]  # columns by name
        return True

    def _runs(self, job: str | None) -> list[JobRun]:
        mine = [run for run in self._state.job_runs.values() if job in {None, run.job}]
        return sorted(mine, key=lambda run: (run.started_at, run.id), reverse=True)
