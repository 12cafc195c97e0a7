"""Propose corrections from the drafts that people edited in the last 24 hours."""

from datetime import timedelta
from uuid import UUID

from control_plane.apps.drafts.learning.sync_corrections import sync_corrections
from control_plane.apps.drafts.store import functions_of
from control_plane.jobs import Job, JobContext, JobReport, for_each_tenant
from services.clock import utc_now


async def is_needed(context: JobContext) -> bool:
    """Whether there is a database."""
    return context.backends.functions is not None


async def run(context: JobContext) -> JobReport:
    """Propose a correction for each sample of each tenant."""
    functions = functions_of(context.backends)
    samples = proposed = 0

    async def sync(tenant: UUID) -> None:
        nonlocal samples, proposed
        synced = await sync_corrections(functions, tenant, now=functions.as_of() or utc_now(), actor=JOB.actor)
        samples, proposed = samples + synced.samples, proposed + synced.proposed

    problems = await for_each_tenant(context, sync)
    return JobReport(counts={"samples": samples, "proposed": proposed}, problem="; ".join(problems) or None)


JOB = Job(
    name="corrections_sync",
    description="proposes corrections from the drafts that people edited in the last 24 hours",
    every=timedelta(days=1),
    run=run,
    is_needed=is_needed,
)
