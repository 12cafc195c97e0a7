"""Propose answers to the new tickets of clusters that may answer by themselves."""

from datetime import timedelta
from uuid import UUID

from control_plane.apps.autopilot.respond_to_tickets import respond_to_tickets
from control_plane.apps.autopilot.store import functions_of, responses
from control_plane.jobs import Job, JobContext, JobReport, for_each_tenant
from services.untrusted import one_line


async def is_needed(context: JobContext) -> bool:
    """Whether a ticket awaits an answer."""
    return context.backends.functions is not None and bool(await _tenants(context))


async def run(context: JobContext) -> JobReport:
    """Propose an answer to each ticket that awaits one, at most 50 for each tenant."""
    proposed = abstained = 0
    failed: list[str] = []

    async def respond(tenant: UUID) -> None:
        nonlocal proposed, abstained
        done = await respond_to_tickets(context.backends, tenant, actor=JOB.actor)
        proposed, abstained = proposed + done.proposed, abstained + done.abstained
        failed.extend(done.problems)

    problems = await for_each_tenant(context, respond, tenants=await _tenants(context))
    return JobReport(
        counts={"proposed": proposed, "abstained": abstained},
        problem=one_line("; ".join([*problems, *failed])) or None,
    )  # fmt: skip


async def _tenants(context: JobContext) -> list[UUID]:
    return await responses.list_responding_tenants(functions_of(context.backends), context.tenant)


JOB = Job(
    name="ticket_responses",
    description="proposes answers to new tickets of clusters that may answer by themselves",
    every=timedelta(seconds=10),
    run=run,
    is_needed=is_needed,
)
