"""Delete old runs of autopilot. The newest run of each connection stays."""

from datetime import timedelta
from uuid import UUID

from control_plane.apps.autopilot.store import functions_of
from control_plane.apps.autopilot.store.runs import forget_runs
from control_plane.jobs import Job, JobContext, JobReport, for_each_tenant

BATCH_SIZE = 1000
"""Runs per transaction."""


async def is_needed(context: JobContext) -> bool:
    """Whether there is a database."""
    return context.backends.functions is not None


async def run(context: JobContext) -> JobReport:
    """Delete the runs of each tenant that ended more than ACP_KEEP_SETTLED ago."""
    functions = functions_of(context.backends)
    runs = 0

    async def forget(tenant: UUID) -> None:
        nonlocal runs
        while deleted := await forget_runs(
            functions, tenant, keep=context.keep_settled, limit=BATCH_SIZE, actor=JOB.actor
        ):
            runs += deleted

    problems = await for_each_tenant(context, forget)
    return JobReport(counts={"runs": runs}, problem="; ".join(problems) or None)


JOB = Job(
    name="run_retention",
    description="deletes syncs and trainings that ended long ago",
    every=timedelta(hours=1),
    run=run,
    is_needed=is_needed,
)
