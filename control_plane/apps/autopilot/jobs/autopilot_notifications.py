"""Read the three queues. A run of the job reads for a minute, then the next run starts. If its scheduler dies,
another one continues."""

from datetime import timedelta

from control_plane.apps.autopilot.notifications.queues import read_broker
from control_plane.apps.autopilot.store import functions_of
from control_plane.jobs import Job, JobContext, JobReport
from services.distribution import require
from services.tools.amqp import AMQP

READ_FOR = timedelta(minutes=1)


async def is_needed(context: JobContext) -> bool:
    """Whether the settings name a broker, and there is a database."""
    return context.backends.functions is not None and read_broker() is not None


async def run(context: JobContext) -> JobReport:
    """Read the messages that come within a minute; or, if a person asked for the run, only those that wait."""
    broker = read_broker()
    if broker is None:
        return JobReport(problem="ACP_AUTOPILOT_BROKER: name a broker of ACP_AMQP_BROKERS")
    if AMQP.extra is not None:
        require(AMQP.extra)
    from control_plane.apps.autopilot.notifications.receive import receive_notifications  # noqa: PLC0415  # an extra

    counts = await receive_notifications(
        functions_of(context.backends), broker, within=READ_FOR, until_empty=context.is_requested, actor=JOB.actor
    )
    return JobReport(counts=counts)


JOB = Job(
    name="autopilot_notifications",
    description="reads the queues of notifications",
    every=timedelta(seconds=10),
    run=run,
    by_tenant=False,
    is_needed=is_needed,
)
