"""Record from the audit log whether approved replies were sent. The worker sends them."""

from datetime import timedelta

from control_plane.apps.drafts.record_deliveries import record_deliveries
from control_plane.apps.drafts.store import deliveries, functions_of
from control_plane.jobs import Job, JobContext, JobReport


async def is_needed(context: JobContext) -> bool:
    """Whether the audit log may have news about replies."""
    if context.backends.functions is None:
        return False
    return await deliveries.wait(functions_of(context.backends), context.tenant)


async def run(context: JobContext) -> JobReport:
    """Read the audit log to its end."""
    return JobReport(counts={"replies": await record_deliveries(context.backends, tenant=context.tenant)})


JOB = Job(
    name="reply_delivery",
    description="records what became of approved replies",
    every=timedelta(seconds=2),
    run=run,
    is_needed=is_needed,
)
