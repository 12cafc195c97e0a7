"""Measure how long the tickets of each cluster usually take, so that stuck tickets can be found."""

from datetime import timedelta
from uuid import UUID

from control_plane.apps.autopilot.store import functions_of
from control_plane.apps.autopilot.store.insight import refresh_cluster_times
from control_plane.jobs import Job, JobContext, JobReport, for_each_tenant


async def is_needed(context: JobContext) -> bool:
    """Whether there is a database."""
    return context.backends.functions is not None


async def run(context: JobContext) -> JobReport:
    """Measure for one tenant after the other."""
    functions = functions_of(context.backends)
    clusters = 0

    async def measure(tenant: UUID) -> None:
        nonlocal clusters
        clusters += await refresh_cluster_times(functions, tenant)

    problems = await for_each_tenant(context, measure)
    return JobReport(counts={"clusters": clusters}, problem="; ".join(problems) or None)


JOB = Job(
    name="cluster_times",
    description="measures how long the tickets of each cluster usually take",
    every=timedelta(hours=1),
    run=run,
    is_needed=is_needed,
)
