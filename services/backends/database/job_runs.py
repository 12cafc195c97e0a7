"""Lease, extend, finish and list job runs in the database."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from services.backends.functions import Functions
from services.backends.rows.moments import parse_moment
from services.job_runs import JobRun, RunStatus


class DatabaseJobRuns:
    """See `services.job_runs.JobRuns`."""

    def __init__(self, functions: Functions) -> None:
        self._functions = functions

    async def start(
        self, job: str, worker_id: str, *, run_id: UUID, every: timedelta | None, lease_for: timedelta
    ) -> JobRun | None:
        row = await self._functions.call(
            "take_job", job=job, worker_id=worker_id, run_id=run_id, every=every, lease_for=lease_for,
            as_of=self._functions.as_of(),
        )  # fmt: skip
        return None if row is None else _run_from_row(row)

    async def extend(self, run: JobRun, *, lease_for: timedelta) -> bool:
        extended = await self._functions.call(
            "extend_job", job=run.job, run_id=run.id, lease_for=lease_for, as_of=self._functions.as_of()
        )
        return bool(extended)

    async def finish(self, run: JobRun, *, status: RunStatus, counts: Mapping[str, int], error: str | None) -> bool:
        finished = await self._functions.call(
            "finish_job", job=run.job, run_id=run.id, status=status, counts=dict(counts), error=error,
            as_of=self._functions.as_of(),
        )  # fmt: skip
        return bool(finished)

    async def list_runs(self, job: str | None = None, *, limit: int = 50) -> list[JobRun]:
        return [_run_from_row(row) for row in await self._functions.call("list_job_runs", job=job, max_runs=limit)]


def _run_from_row(row: Mapping[str, Any]) -> JobRun:
    return JobRun(
        id=UUID(row["id"]),
        job=row["job"],
        due_at=parse_moment(row["due_at"]),
        status=RunStatus(row["status"]),
        worker_id=row["worker_id"],
        lease_until=datetime.fromisoformat(row["lease_until"]),
        started_at=datetime.fromisoformat(row["started_at"]),
        finished_at=parse_moment(row["finished_at"]),
        counts=row["counts"],
        error=row["error"],
    )
