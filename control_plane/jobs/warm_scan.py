"""Scan an account as soon as it is connected, so that agents find evidence from the first minute on."""

from collections import defaultdict
from collections.abc import Awaitable
from datetime import timedelta
from uuid import UUID

from control_plane.jobs import Job, JobContext, JobReport, for_each_tenant, log_bug
from control_plane.jobs.scan_tenants import scan_tenants
from services.accounts import HEALTHY_STATUSES, Account, awaits_scan
from services.errors import ControlPlaneError, InvalidInput, concerns_one_tenant
from services.guardrails import Policy
from services.scan_account import ScanReport, scan_account, scan_enabled_tools


async def is_needed(context: JobContext) -> bool:
    """Whether an account waits for its first scan."""
    return bool(await context.backends.accounts.list_to_scan(context.tenant, limit=1))


async def run(context: JobContext) -> JobReport:
    """Scan, for each tenant, the account that has waited longest; in a requested run, every healthy account."""
    accounts: defaultdict[UUID, list[Account]] = defaultdict(list)
    for account in await _list_accounts(context):
        accounts[account.tenant_id].append(account)

    async def scan_tenant(tenant: UUID, deadline: float) -> list[ScanReport]:
        policy = (await context.backends.guardrails.policies([tenant]))[tenant]
        if policy.paused_at is not None:
            return []  # a paused tenant is scanned after it is resumed
        queue, reports = list(accounts[tenant]), []
        for account in queue:
            reports.append(await _report_failure(account, _scan(context, account, policy, deadline)))
            # The scan is recorded even if it failed. Otherwise an account that always fails would come first in every
            # run.
            noted = await _report_failure(account, _note_scan(context, account))
            reports.append(noted)
            # the scan could not be recorded, so this account comes first in the next run too: scan the others now
            if noted.problems:
                known = {account.id for account in queue}
                queue += [account for account in policy.accounts if account.id not in known and awaits_scan(account)]
        return reports

    return await scan_tenants(context, accounts, scan_tenant)


async def _scan(context: JobContext, account: Account, policy: Policy, deadline: float) -> ScanReport:
    if problem := policy.unreadable or account.unreadable:
        raise InvalidInput(f"account {account.id}", problem)
    tools = scan_enabled_tools(await context.backends.catalog.list_tools(account.tenant_id), account)
    report = await scan_account(
        context.backends, context.tools, account, tools, policy.settings, actor=JOB.actor, deadline=deadline
    )
    report.counts["accounts"] += 1
    if not tools:
        report.counts["without_tools"] += 1
    return report


async def _note_scan(context: JobContext, account: Account) -> ScanReport:
    await context.backends.accounts.note_scan(account, actor=JOB.actor)
    return ScanReport()


async def _report_failure(account: Account, work: Awaitable[ScanReport]) -> ScanReport:
    """Turn an error into a problem, so that the tenant's other accounts are scanned too.

    Raises the error if it concerns all tenants.
    """
    try:
        return await work
    except ControlPlaneError as exc:
        if not concerns_one_tenant(exc):
            raise
        return ScanReport(problems=(f"tenant {account.tenant_id}: {exc}",))
    except Exception as exc:  # a bug that depends on one account's rows
        return ScanReport(problems=(log_bug(exc, tenant=str(account.tenant_id)),))


async def _list_accounts(context: JobContext) -> list[Account]:
    if not context.is_requested:
        return await context.backends.accounts.list_to_scan(context.tenant)
    found: list[Account] = []

    async def find_healthy(tenant: UUID) -> None:
        found.extend(a for a in await context.backends.accounts.list_accounts(tenant) if a.status in HEALTHY_STATUSES)

    await for_each_tenant(context, find_healthy)
    return found


JOB = Job(
    name="warm_scan",
    description="scans accounts as soon as they are connected",
    every=timedelta(seconds=1),
    run=run,
    is_needed=is_needed,
)
