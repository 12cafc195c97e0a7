"""The job of faxes."""

from datetime import timedelta

from control_plane.jobs import Job, JobContext, JobReport


async def run(_context: JobContext) -> JobReport:
    return JobReport(counts={"faxes": 1})


JOBS = (Job(name="faxes_send", description="sends faxes", every=timedelta(hours=1), run=run),)
