"""Read how many dead letters each tenant has, and how many new and changed tools wait for somebody to look."""

from datetime import timedelta

from prometheus_client import Gauge

from control_plane.jobs import Desk, Job, Report
from control_plane.jobs.metrics import REGISTRY
from services.catalog.sync import undecided

DLQ_SIZE = Gauge("outbox_dlq_size", "Dead letters", ["tenant"], registry=REGISTRY)
QUARANTINED = Gauge(
    "catalog_quarantined", "New and changed tools that wait for a person", ["tenant"], registry=REGISTRY
)


async def run(desk: Desk) -> Report:
    """Sets the gauges of every tenant."""
    statuses = await desk.backends.outbox.status(desk.tenant)
    changed = 0
    for status in statuses:
        waiting = len(undecided(await desk.backends.catalog.list_tools(status.tenant_id)))
        changed += waiting
        DLQ_SIZE.labels(tenant=str(status.tenant_id)).set(status.dlq)
        QUARANTINED.labels(tenant=str(status.tenant_id)).set(waiting)
    counts = {"dead_letters": sum(s.dlq for s in statuses), "doubtful": sum(s.doubtful for s in statuses)}
    return Report(counts={**counts, "quarantined": changed})


JOB = Job(
    name="dlq_gauge", does="counts dead letters, and tools that wait for a person", every=timedelta(minutes=1), run=run,
    everywhere=True,
)  # fmt: skip
