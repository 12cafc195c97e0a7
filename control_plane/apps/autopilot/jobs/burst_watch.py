"""Find bursts of tickets, and open, update and end their alerts."""

from collections import Counter
from datetime import timedelta
from uuid import UUID

from control_plane.apps.autopilot.insight.watch_bursts import watch_bursts
from control_plane.apps.autopilot.store import functions_of
from control_plane.jobs import Job, JobContext, JobReport, for_each_tenant
from services.clock import utc_now


async def is_needed(context: JobContext) -> bool:
    """Whether there is a database."""
    return context.backends.functions is not None


async def run(context: JobContext) -> JobReport:
    """Look for bursts of one tenant after the other."""
    functions = functions_of(context.backends)
    counts: Counter[str] = Counter(checked=0, bursts=0, ended=0)

    async def watch(tenant: UUID) -> None:
        counts.update(
            await watch_bursts(functions, tenant, now=functions.as_of() or utc_now(), actor=JOB.actor)
        )  # fmt: skip

    problems = await for_each_tenant(context, watch)
    return JobReport(counts=counts, problem="; ".join(problems) or None)


JOB = Job(
    name="burst_watch",
    description="finds bursts of tickets, as when a system is down",
    every=timedelta(minutes=5),
    run=run,
    is_needed=is_needed,
)
