"""Find the articles that answer each cluster, and say which clusters no article answers."""

from collections import Counter
from dataclasses import asdict
from datetime import timedelta
from uuid import UUID

from control_plane.apps.autopilot.knowledge.match import match_clusters
from control_plane.apps.autopilot.store import functions_of
from control_plane.jobs import Job, JobContext, JobReport, for_each_tenant


async def is_needed(context: JobContext) -> bool:
    """Whether an article or a cluster is to be searched."""
    return context.backends.functions is not None and bool(await _tenants(context))


async def run(context: JobContext) -> JobReport:
    """Make the passages of new articles, and search for the clusters of each tenant."""
    functions = functions_of(context.backends)
    counts: Counter[str] = Counter(indexed=0, searched=0, found=0, timed_out=0)

    async def match(tenant: UUID) -> None:
        counts.update(asdict(await match_clusters(functions, tenant, actor=JOB.actor)))

    problems = await for_each_tenant(context, match, tenants=await _tenants(context))
    return JobReport(counts=counts, problem="; ".join(problems) or None)


async def _tenants(context: JobContext) -> list[UUID]:
    found = await functions_of(context.backends).call("autopilot.list_searching_tenants", tenant=context.tenant)
    return [UUID(each) for each in found]


JOB = Job(
    name="knowledge_match",
    description="searches the articles that answer clusters of tickets",
    every=timedelta(minutes=1),
    run=run,
    is_needed=is_needed,
)
