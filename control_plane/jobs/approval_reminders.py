"""Remind people of approvals that wait, and escalate them, as the tenants' guardrails say."""

from datetime import timedelta

from control_plane.jobs import Job, JobContext, JobReport
from services.approvals import Reminders


async def run(context: JobContext) -> JobReport:
    """Take every due reminder or escalation, at most one per approval in a transaction."""
    reminded = escalated = 0
    while (taken := await context.backends.approvals.remind(actor=JOB.actor)) != Reminders():
        reminded += taken.reminded
        escalated += taken.escalated
    return JobReport(counts={"reminded": reminded, "escalated": escalated})


JOB = Job(
    name="approval_reminders",
    description="reminds people of approvals that wait, and escalates them",
    every=timedelta(minutes=1),
    run=run,
    by_tenant=False,
)
