"""Job runs: one row per run of a job. Only one scheduler runs a job at a time."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Protocol
from uuid import UUID


class RunStatus(StrEnum):
    """The state of a run of a job."""

    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    LOST = "lost"
    """The scheduler of the run stopped renewing its lease before the end."""


@dataclass(frozen=True, slots=True, kw_only=True)
class JobRun:
    """One run of a job."""

    id: UUID
    job: str
    due_at: datetime | None
    """The scheduled time of the run; None for a manual run."""
    status: RunStatus
    worker_id: str
    lease_until: datetime
    """The end of the lease. If the lease is not renewed before, the run is lost then."""
    started_at: datetime
    finished_at: datetime | None = None
    counts: Mapping[str, int] = field(default_factory=dict)
    error: str | None = None


class JobRuns(Protocol):
    """The runs of all jobs."""

    async def start(
        self, job: str, worker_id: str, *, run_id: UUID, every: timedelta | None, lease_for: timedelta
    ) -> JobRun | None:
        """Start a run if the job is due and not running: see `worker_api.take_job`.

        `every` is the interval of the job; None for a manual run. A second call with the same `run_id` returns the same
        run.
        """

    async def extend(self, run: JobRun, *, lease_for: timedelta) -> bool:
        """Renew the lease of a run. Returns False if another scheduler has taken the job."""

    async def finish(self, run: JobRun, *, status: RunStatus, counts: Mapping[str, int], error: str | None) -> bool:
        """Store how a run ended. Returns False if another scheduler has taken the job."""

    async def list_runs(self, job: str | None = None, *, limit: int = 50) -> list[JobRun]:
        """The newest runs, newest first."""
