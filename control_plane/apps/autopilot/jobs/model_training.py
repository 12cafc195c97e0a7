"""Classify tickets that no sync classified, such as those of workflows, and start trainings that are needed."""

from collections import Counter
from datetime import timedelta
from uuid import UUID

from control_plane.apps.autopilot.store import functions_of, runs
from control_plane.jobs import Job, JobContext, JobReport, for_each_tenant
from services.untrusted import one_line


async def is_needed(context: JobContext) -> bool:
    """Whether there is a database. The memory backend has no tickets."""
    return context.backends.functions is not None


async def run(context: JobContext) -> JobReport:
    """Classify tickets and start trainings, one tenant after the other. An error of one tenant does not stop the
    others."""
    from control_plane.apps.autopilot.classify_tickets import classify_tickets  # noqa: PLC0415  # loads the embeddings

    counts: Counter[str] = Counter(placed=0, unclassified=0, started=0)
    functions = functions_of(context.backends)

    async def serve(tenant: UUID) -> None:
        classified = await classify_tickets(functions, tenant)
        counts["placed"] += classified.placed
        counts["unclassified"] += classified.unclassified
        counts["started"] += await runs.start_due_rebuilds(functions, tenant=tenant, actor=JOB.actor)

    problems = await for_each_tenant(context, serve)
    return JobReport(counts=counts, problem=one_line("; ".join(problems)) or None)


JOB = Job(
    name="model_training",
    description="puts tickets into clusters, and starts trainings that are needed",
    every=timedelta(minutes=5),
    run=run,
    is_needed=is_needed,
)
