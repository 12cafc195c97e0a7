"""JobRuns: what the clock starts, once at a time over all schedulers, with a row per run."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Protocol
from uuid import UUID


class RunStatus(StrEnum):
    """How a run stands."""

    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    LOST = "lost"
    """Whoever ran it went away before the end."""


@dataclass(frozen=True, slots=True, kw_only=True)
class JobRun:
    """One run of a job."""

    id: UUID
    job: str
    due_at: datetime | None
    """The moment of the schedule that it stands for; None where a person asked."""
    status: RunStatus
    worker_id: str
    lease_until: datetime
    """While it runs: how long it may go without a sign of life."""
    started_at: datetime
    finished_at: datetime | None = None
    counts: Mapping[str, int] = field(default_factory=dict)
    error: str | None = None


class JobRuns(Protocol):
    """Who runs which job, and how the runs ended."""

    async def take(
        self, job: str, worker_id: str, *, run_id: UUID, every: timedelta | None, lease_for: timedelta
    ) -> JobRun | None:
        """Start a run if nobody runs the job and its moment has come: see `worker_api.take_job`.

        `every` is how far its moments lie apart; None when a person asks. The same `run_id` again returns the same run.
        """

    async def extend(self, run: JobRun, *, lease_for: timedelta) -> bool:
        """Hold on to it; False when it was lost to another scheduler."""

    async def finish(self, run: JobRun, *, status: RunStatus, counts: Mapping[str, int], error: str | None) -> bool:
        """How it ended; False when it was lost to another scheduler meanwhile."""

    async def list_runs(self, job: str | None = None, *, limit: int = 50) -> list[JobRun]:
        """The last one first."""
