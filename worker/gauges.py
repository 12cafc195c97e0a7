"""Keep the queue gauges up to date."""

import asyncio
from datetime import timedelta
from uuid import UUID

from services.clock import Clock
from services.errors import ControlPlaneError
from services.outbox import Outbox
from worker import telemetry
from worker.telemetry import Metrics

UPDATE_EVERY = timedelta(seconds=15)


async def update_gauges(outbox: Outbox, metrics: Metrics, *, tenant: UUID | None, clock: Clock) -> None:
    """Every UPDATE_EVERY, read the state of the queues and set the gauges, until cancelled."""
    while True:
        try:
            statuses = await outbox.status(tenant)
        except ControlPlaneError as exc:
            telemetry.log.warning("gauges.failed", error=str(exc))
        else:
            now = clock()
            waited = {s.tenant_id: (now - s.oldest_due_at).total_seconds() for s in statuses if s.oldest_due_at}
            metrics.set_queue_gauges(statuses, waited)
        await asyncio.sleep(UPDATE_EVERY.total_seconds())
