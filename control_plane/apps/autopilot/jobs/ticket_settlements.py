"""Record from the audit log what became of the envelopes of autopilot. The worker executes them."""

from datetime import timedelta

from control_plane.apps.autopilot.store import functions_of, settlements
from control_plane.jobs import Job, JobContext, JobReport


async def is_needed(context: JobContext) -> bool:
    """Whether the audit log may have news about envelopes of autopilot."""
    if context.backends.functions is None:
        return False
    return await settlements.wait(functions_of(context.backends), context.tenant)


async def run(context: JobContext) -> JobReport:
    """Read the audit log to its end."""
    functions, changed, more = functions_of(context.backends), 0, True
    while more:
        settled, more = await settlements.follow(functions, context.tenant)
        changed += settled
    return JobReport(counts={"settled": changed})


JOB = Job(
    name="ticket_settlements",
    description="records what became of the answers and articles that autopilot proposed",
    every=timedelta(seconds=2),
    run=run,
    is_needed=is_needed,
)
