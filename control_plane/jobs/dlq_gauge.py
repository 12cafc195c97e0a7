"""Set the gauges: how many dead letters each tenant has, and how many new and changed tools wait for a decision."""

from datetime import timedelta
from uuid import UUID

from prometheus_client import Gauge

from control_plane.jobs import Job, JobContext, JobReport, for_each_tenant
from control_plane.jobs.metrics import REGISTRY
from services.sync_catalog import undecided_tools
from services.untrusted import one_line

DLQ_SIZE = Gauge("outbox_dlq_size", "Dead letters", ["tenant"], registry=REGISTRY)
QUARANTINED_TOOLS_GAUGE = Gauge(
    "catalog_quarantined", "New and changed tools that wait for a decision", ["tenant"], registry=REGISTRY
)


async def run(context: JobContext) -> JobReport:
    """Set the gauges of every tenant."""
    statuses = await context.backends.outbox.status(context.tenant)
    for status in statuses:
        DLQ_SIZE.labels(tenant=str(status.tenant_id)).set(status.dlq)
    quarantined = 0

    async def count_undecided(tenant: UUID) -> None:
        nonlocal quarantined
        count = len(undecided_tools(await context.backends.catalog.list_tools(tenant)))
        QUARANTINED_TOOLS_GAUGE.labels(tenant=str(tenant)).set(count)
        quarantined += count

    problems = await for_each_tenant(context, count_undecided)
    counts = {"dead_letters": sum(s.dlq for s in statuses), "doubtful": sum(s.doubtful for s in statuses)}
    return JobReport(counts={**counts, "quarantined": quarantined}, problem=one_line("; ".join(problems)) or None)


JOB = Job(
    name="dlq_gauge",
    description="counts dead letters, and tools that wait for a decision",
    every=timedelta(minutes=1),
    run=run,
    on_every_scheduler=True,
)
