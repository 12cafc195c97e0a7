"""Expire approvals that nobody decided in time, and waiting envelopes whose deadline has passed."""

from datetime import timedelta

from control_plane.jobs import Job, JobContext, JobReport


async def run(context: JobContext) -> JobReport:
    """Expire all due approvals and envelopes, a thousand per transaction."""
    expired = late = 0
    while batch := await context.backends.approvals.expire(actor=JOB.actor):
        expired += batch
    while batch := await context.backends.outbox.expire(actor=JOB.actor):
        late += batch
    return JobReport(counts={"expired": expired, "late": late})


JOB = Job(
    name="approval_expiry",
    description="expires approvals, and envelopes whose deadline has passed",
    every=timedelta(minutes=1),
    run=run,
    by_tenant=False,
)
