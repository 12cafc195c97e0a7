"""Read through an account as soon as it is connected, so that agents find evidence from the first minute on."""

from collections import Counter
from datetime import timedelta

from control_plane.jobs import Desk, Job, Report, tenants_of
from control_plane.jobs.scan import readable, scan
from services.accounts import Account
from services.guardrails.account import HEALTHY
from services.tools.answers import one_line


async def wanted(desk: Desk) -> bool:
    """Whether an account waits for its first scan."""
    return bool(await desk.backends.accounts.to_scan(desk.tenant, limit=1))


async def run(desk: Desk) -> Report:
    """Every account that waits; where a person asks, every healthy one."""
    counts: Counter[str] = Counter()
    problems: list[str] = []
    for account in await _accounts(desk):
        policy = (await desk.backends.guardrails.policies([account.tenant_id]))[account.tenant_id]
        if policy.paused_at is not None:
            continue  # scanned when the tenant is resumed
        tools = readable(await desk.backends.catalog.list_tools(account.tenant_id), account)
        scanned = await scan(desk, account, tools, policy.settings, by=JOB.name)
        await desk.backends.accounts.note_scan(account, by=JOB.name)
        counts.update(scanned.counts, accounts=1)
        problems += scanned.problems
    return Report(counts=counts, problem=one_line("; ".join(problems)) or None)


async def _accounts(desk: Desk) -> list[Account]:
    if not desk.asked:
        return await desk.backends.accounts.to_scan(desk.tenant)
    return [
        account
        for tenant in await tenants_of(desk)
        for account in await desk.backends.accounts.list_accounts(tenant)
        if account.status in HEALTHY
    ]


JOB = Job(
    name="warm_scan", does="reads through accounts as they connect", every=timedelta(seconds=1), run=run, wanted=wanted
)
