"""Close the approvals that nobody gave in time, silence is a no, and end what waits past its deadline."""

from datetime import timedelta

from control_plane.jobs import Desk, Job, Report


async def run(desk: Desk) -> Report:
    """All that are late, a thousand in a transaction."""
    expired = late = 0
    while some := await desk.backends.approvals.expire(actor=JOB.actor):
        expired += some
    while some := await desk.backends.outbox.expire(actor=JOB.actor):
        late += some
    return Report(counts={"expired": expired, "late": late})


JOB = Job(
    name="approval_expiry",
    does="closes approvals nobody gave in time, and ends envelopes that wait past their deadline",
    every=timedelta(minutes=1),
    run=run,
    by_tenant=False,
)
