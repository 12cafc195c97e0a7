"""Make an envelope of each new event of a tenant's subscription. The worker delivers the envelopes."""

from collections import defaultdict
from datetime import timedelta
from uuid import UUID

from control_plane.apps import event_types
from control_plane.jobs import Job, JobContext, JobReport, for_each_tenant
from services.deliver_events import deliver_events
from services.subscriptions import SubscriptionKey


async def is_needed(context: JobContext) -> bool:
    """Whether any audit log with a subscription has grown, or a delivery has ended."""
    return bool(await context.backends.subscriptions.due(context.tenant))


async def run(context: JobContext) -> JobReport:
    """Enqueue the deliveries of every due subscription. An error of one tenant does not delay the others."""
    due = defaultdict[UUID, list[SubscriptionKey]](list)
    for key in await context.backends.subscriptions.due(context.tenant):
        due[key.tenant_id].append(key)
    enqueued = 0

    async def deliver(tenant: UUID) -> None:
        nonlocal enqueued
        for key in due[tenant]:
            enqueued += await deliver_events(context.backends, key, more_types=event_types())

    problems = await for_each_tenant(context, deliver, tenants=due)
    return JobReport(counts={"enqueued": enqueued}, problem="; ".join(problems) or None)


JOB = Job(
    name="event_delivery",
    description="sends events to the tenants' subscriptions",
    every=timedelta(seconds=2),
    run=run,
    is_needed=is_needed,
)
