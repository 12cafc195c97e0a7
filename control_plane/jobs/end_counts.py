"""Count the envelopes that have ended, for the charts of the overview. Settlements do not update these counts."""

from datetime import timedelta

from control_plane.jobs import Job, JobContext, JobReport

BATCH_SIZE = 20_000
"""Audit rows per transaction, so that each takes a fraction of a second."""


async def run(context: JobContext) -> JobReport:
    """Count the ends in all audit rows that this job has not read yet."""
    ends, more = 0, True
    while more:
        counted = await context.backends.overviews.count_ends(limit=BATCH_SIZE)
        ends, more = ends + counted.ends, counted.more
    return JobReport(counts={"ends": ends})


JOB = Job(
    name="end_counts",
    description="counts the envelopes that have ended, for charts",
    every=timedelta(seconds=15),
    run=run,
    by_tenant=False,
)
