"""Decide about the drafts of topics in shadow or automatic mode."""

from datetime import timedelta
from uuid import UUID

from control_plane.apps.drafts.gate.approve_automatically import approve_automatically
from control_plane.apps.drafts.store import functions_of
from control_plane.jobs import Job, JobContext, JobReport, for_each_tenant


async def is_needed(context: JobContext) -> bool:
    """Whether a topic lets the application decide."""
    return context.backends.functions is not None and bool(await _tenants(context))


async def run(context: JobContext) -> JobReport:
    """Record what the application decides, and approve what automatic topics allow."""
    judged = approved = 0
    failed: list[str] = []

    async def decide(tenant: UUID) -> None:
        nonlocal judged, approved
        result = await approve_automatically(context.backends, tenant, actor=JOB.actor)
        judged, approved = judged + result.judged, approved + result.approved
        failed.extend(result.problems)

    problems = await for_each_tenant(context, decide, tenants=await _tenants(context))
    return JobReport(counts={"judged": judged, "approved": approved}, problem="; ".join([*problems, *failed]) or None)


async def _tenants(context: JobContext) -> list[UUID]:
    found = map(UUID, await functions_of(context.backends).call("drafts.list_ruled_tenants"))
    return [tenant for tenant in found if context.tenant in {None, tenant}]


JOB = Job(
    name="draft_approval",
    description="decides about drafts of topics in shadow or automatic mode",
    every=timedelta(minutes=1),
    run=run,
    is_needed=is_needed,
)
