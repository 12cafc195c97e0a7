"""Close the approvals that nobody gave in time: silence is a no."""

from datetime import timedelta

from control_plane.jobs import Desk, Job, Report


async def run(desk: Desk) -> Report:
    """All that are late, a thousand in a transaction."""
    expired = 0
    while some := await desk.backends.approvals.expire():
        expired += some
    return Report(counts={"expired": expired})


JOB = Job(
    name="approval_expiry",
    does="closes approvals nobody gave in time",
    every=timedelta(minutes=1),
    run=run,
    by_tenant=False,
)
