"""Blank the texts of conversations that have been quiet for long enough."""

from datetime import timedelta
from uuid import UUID

from control_plane.apps.drafts.store import functions_of
from control_plane.jobs import Job, JobContext, JobReport, for_each_tenant
from services.backends.functions import by


async def is_needed(context: JobContext) -> bool:
    """Whether there is a database."""
    return context.backends.functions is not None


async def run(context: JobContext) -> JobReport:
    """Archive until nothing is due, for the tenants whose settings ask for it."""
    functions = functions_of(context.backends)
    conversations = messages = 0

    async def archive(tenant: UUID) -> None:
        nonlocal conversations, messages
        while True:
            done = await functions.call(
                "drafts.archive_conversations", tenant=tenant, **by(JOB.actor), as_of=functions.as_of()
            )
            conversations, messages = conversations + done["conversations"], messages + done["messages"]
            if not done["conversations"]:
                return

    problems = await for_each_tenant(context, archive)
    return JobReport(
        counts={"conversations": conversations, "messages": messages}, problem="; ".join(problems) or None
    )  # fmt: skip


JOB = Job(
    name="draft_archive",
    description="blanks the texts of conversations that have been quiet for as long as the tenant's settings say",
    every=timedelta(hours=6),
    run=run,
    is_needed=is_needed,
)
