"""Do the dry-runs that people started: what would autopilot have answered to past tickets?"""

from collections import Counter
from datetime import timedelta

from control_plane.apps.autopilot.run_dry_runs import claim_dry_runs, run_dry_run
from control_plane.apps.autopilot.store import dry_runs, functions_of
from control_plane.jobs import Job, JobContext, JobReport, log_bug
from services.errors import ControlPlaneError, StateConflict, concerns_one_tenant
from services.untrusted import one_line


async def is_needed(context: JobContext) -> bool:
    """Whether a dry-run waits."""
    if context.backends.functions is None:
        return False
    return await dry_runs.is_waiting(functions_of(context.backends), context.tenant)


async def run(context: JobContext) -> JobReport:
    """Do dry-runs until none waits. One that fails does not stop the others."""
    functions = functions_of(context.backends)
    counts: Counter[str] = Counter(completed=0, stopped=0, failed=0)
    problems: list[str] = []
    async for leased in claim_dry_runs(functions, context.tenant, actor=JOB.actor):
        try:
            has_ended = [step.status.has_ended async for step in run_dry_run(functions, leased, actor=JOB.actor)]
            counts["completed" if any(has_ended) else "stopped"] += 1
            continue
        except ControlPlaneError as exc:
            if not concerns_one_tenant(exc):
                raise
            problem = str(exc)
        except Exception as exc:  # a bug that depends on one tenant's texts must not stop the others
            problem = log_bug(exc, tenant=str(leased.organization_id), dry_run=str(leased.id))
        counts["failed"] += 1
        problems.append(f"dry-run {leased.id}: {problem}")
        try:
            await dry_runs.fail_dry_run(functions, leased, "internal_error", actor=JOB.actor)
        except StateConflict:  # somebody cancelled it meanwhile
            continue
    return JobReport(counts=counts, problem=one_line("; ".join(problems)) or None)


JOB = Job(
    name="ticket_dry_runs",
    description="shows what autopilot would have answered to past tickets",
    every=timedelta(seconds=5),
    run=run,
    is_needed=is_needed,
)
