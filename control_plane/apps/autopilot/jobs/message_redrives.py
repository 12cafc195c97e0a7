"""Process messages again that could not be processed, where a person asked for it."""

from collections import Counter
from datetime import timedelta

from control_plane.apps.autopilot.notifications.queues import QUEUES
from control_plane.apps.autopilot.store import failures, functions_of, messages
from control_plane.jobs import Job, JobContext, JobReport, log_bug
from services.errors import ControlPlaneError, concerns_one_tenant

_SOURCES = [queue.name for queue in QUEUES]


async def is_needed(context: JobContext) -> bool:
    """Whether a message waits."""
    if context.backends.functions is None:
        return False
    return bool(await failures.list_redrives(functions_of(context.backends), _SOURCES, tenant=context.tenant, limit=1))


async def run(context: JobContext) -> JobReport:
    """Process the messages that wait, one after the other."""
    functions = functions_of(context.backends)
    counts: Counter[str] = Counter(redriven=0, failed=0)
    problems: list[str] = []
    for failure in await failures.list_redrives(functions, _SOURCES, tenant=context.tenant):
        try:
            done = await messages.redrive_message(functions, failure, actor=JOB.actor)
            counts["failed" if done.redriven_at is None else "redriven"] += 1
        except ControlPlaneError as exc:
            if not concerns_one_tenant(exc):
                raise
            problems.append(f"tenant {failure.organization_id}: {exc}")
        except Exception as exc:  # a bug that depends on one message must not stop the others
            problems.append(f"tenant {failure.organization_id}: {log_bug(exc, failure=str(failure.id))}")
    return JobReport(counts=counts, problem="; ".join(problems) or None)


JOB = Job(
    name="message_redrives",
    description="processes messages again where a person asked for it",
    every=timedelta(seconds=5),
    run=run,
    is_needed=is_needed,
)
