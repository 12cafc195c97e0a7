"""Read again the pages that drafts cite and that are due."""

from datetime import timedelta

from control_plane.apps.drafts.knowledge.pages import refresh_pages
from control_plane.apps.drafts.store import functions_of
from control_plane.jobs import Job, JobContext, JobReport
from services.envelope import Actor, ActorType, Door
from services.tools.outgoing import AllowedHosts

AT_ONCE = 100
"""The most pages of one run."""


async def is_needed(context: JobContext) -> bool:
    """Whether a page is due."""
    functions = context.backends.functions
    if functions is None:
        return False
    return bool(await functions.call("drafts.due_documents", max_documents=1, as_of=functions.as_of()))


async def run(context: JobContext) -> JobReport:
    """Read the pages that are due, the longest due first; each tenant gets a row in drafts.job_runs."""
    functions_of(context.backends)
    by_tenant = await refresh_pages(
        context.backends, actor=Actor(type=ActorType.SYSTEM, id=JOB.name, door=Door.JOB),
        allowed_hosts=AllowedHosts(context.allowed_hosts), limit=AT_ONCE,
    )  # fmt: skip
    runs = by_tenant.values()
    return JobReport(
        counts={
            "pages": sum(each.read for each in runs), "saved": sum(each.saved for each in runs),
            "vanished": sum(each.vanished for each in runs), "failed": sum(each.failed for each in runs),
        }
    )  # fmt: skip


JOB = Job(
    name="document_refresh",
    description="reads the pages again that drafts cite",
    every=timedelta(minutes=1),
    run=run,
    by_tenant=False,
    is_needed=is_needed,
)
