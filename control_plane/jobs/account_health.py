"""Check the health of connected accounts: when they expire, and what the provider that stores the login reports."""

from collections import Counter
from datetime import timedelta
from uuid import UUID

from control_plane.jobs import Job, JobContext, JobReport, for_each_tenant
from services.accounts import AccountStatus
from services.check_account import check_account
from services.clock import utc_now
from services.errors import ControlPlaneError
from services.untrusted import one_line


async def run(context: JobContext) -> JobReport:
    """Update the status of every account that is not revoked.

    If the provider cannot be reached, the account stays as it is. Envelopes of an unhealthy account are held, which
    costs no attempt.
    """
    counts: Counter[str] = Counter(accounts=0, changed=0)
    problems: list[str] = []

    async def check_accounts(tenant: UUID) -> None:
        for account in await context.backends.accounts.list_accounts(tenant):
            if account.unreadable is not None:
                problems.append(f"tenant {tenant}: account {account.id}: {account.unreadable}")
                continue
            if account.status == AccountStatus.REVOKED:
                continue
            counts["accounts"] += 1
            try:
                changed = await check_account(context.backends, context.tools, account, now=utc_now(), actor=JOB.actor)
                counts["changed"] += changed
            except ControlPlaneError as exc:  # concerns only this account
                problems.append(str(exc))

    problems += await for_each_tenant(context, check_accounts)
    return JobReport(counts=counts, problem=one_line("; ".join(dict.fromkeys(problems))) or None)


JOB = Job(
    name="account_health",
    description="checks the health of connected accounts",
    every=timedelta(minutes=15),
    run=run,
)
