"""Read how many dead letters each tenant has, and which wait for somebody to look."""

from datetime import timedelta

from prometheus_client import Gauge

from control_plane.jobs import Desk, Job, Report
from control_plane.jobs.metrics import REGISTRY

DLQ_SIZE = Gauge("outbox_dlq_size", "Dead letters", ["tenant"], registry=REGISTRY)


async def run(desk: Desk) -> Report:
    """Sets the gauge of every tenant."""
    statuses = await desk.backends.outbox.status(desk.tenant)
    for status in statuses:
        DLQ_SIZE.labels(tenant=str(status.tenant_id)).set(status.dlq)
    return Report(counts={"dead_letters": sum(s.dlq for s in statuses), "doubtful": sum(s.doubtful for s in statuses)})


JOB = Job(name="dlq_gauge", does="counts dead letters for /metrics", every=timedelta(minutes=1), run=run)
