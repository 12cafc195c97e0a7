"""Read how many dead letters each tenant has, and how many new and changed tools wait for somebody to look."""

from datetime import timedelta
from uuid import UUID

from prometheus_client import Gauge

from control_plane.jobs import Desk, Job, Report, each_tenant
from control_plane.jobs.metrics import REGISTRY
from services.sync_catalog import undecided_tools
from services.untrusted import one_line

DLQ_SIZE = Gauge("outbox_dlq_size", "Dead letters", ["tenant"], registry=REGISTRY)
QUARANTINED = Gauge(
    "catalog_quarantined", "New and changed tools that wait for a person", ["tenant"], registry=REGISTRY
)


async def run(desk: Desk) -> Report:
    """Sets the gauges of every tenant."""
    statuses = await desk.backends.outbox.status(desk.tenant)
    for status in statuses:
        DLQ_SIZE.labels(tenant=str(status.tenant_id)).set(status.dlq)
    changed = 0

    async def count_changed(tenant: UUID) -> None:
        nonlocal changed
        waiting = len(undecided_tools(await desk.backends.catalog.list_tools(tenant)))
        QUARANTINED.labels(tenant=str(tenant)).set(waiting)
        changed += waiting

    problems = await each_tenant(desk, count_changed)
    counts = {"dead_letters": sum(s.dlq for s in statuses), "doubtful": sum(s.doubtful for s in statuses)}
    return Report(counts={**counts, "quarantined": changed}, problem=one_line("; ".join(problems)) or None)


JOB = Job(
    name="dlq_gauge", does="counts dead letters, and tools that wait for a person", every=timedelta(minutes=1), run=run,
    everywhere=True,
)  # fmt: skip
