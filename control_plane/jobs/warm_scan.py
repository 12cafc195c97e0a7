"""Read through an account as soon as it is connected, so that agents find evidence from the first minute on."""

from collections import Counter, defaultdict
from datetime import timedelta
from uuid import UUID

from control_plane.jobs import Desk, Job, Report, each_tenant, tell_bug
from control_plane.jobs.scan import Scanned, readable, scan, side_by_side
from services.accounts import HEALTHY, Account
from services.errors import ControlPlaneError, InvalidInput, concerns_one_tenant
from services.guardrails import Policy


async def wanted(desk: Desk) -> bool:
    """Whether an account waits for its first scan."""
    return bool(await desk.backends.accounts.to_scan(desk.tenant, limit=1))


async def run(desk: Desk) -> Report:
    """The account of each tenant that waits longest; where a person asks, every healthy one."""
    accounts: defaultdict[UUID, list[Account]] = defaultdict(list)
    for account in await _accounts(desk):
        accounts[account.tenant_id].append(account)

    async def read(tenant: UUID, until: float) -> list[Scanned]:
        policy = (await desk.backends.guardrails.policies([tenant]))[tenant]
        if policy.paused_at is not None:
            return []  # scanned when the tenant is resumed
        told = []
        for account in accounts[tenant]:
            told.append(await _read_through(desk, account, policy, until))
            # Whatever came of it: one that fails by its own rows would be first in line every second.
            await desk.backends.accounts.note_scan(account, actor=JOB.actor)
        return told

    return await side_by_side(desk, accounts, read)


async def _read_through(desk: Desk, account: Account, policy: Policy, until: float) -> Scanned:
    try:
        if problem := policy.unreadable or account.unreadable:
            raise InvalidInput(f"account {account.id}", problem)  # noqa: TRY301  # told like any other
        tools = readable(await desk.backends.catalog.list_tools(account.tenant_id), account)
        scanned = await scan(desk, account, tools, policy.settings, actor=JOB.actor, until=until)
    except ControlPlaneError as exc:
        if not concerns_one_tenant(exc):
            raise
        return Scanned(counts=Counter(), problems=(f"tenant {account.tenant_id}: {exc}",))
    except Exception as exc:  # a bug that one tenant's rows wake
        return Scanned(counts=Counter(), problems=(tell_bug(exc, tenant=str(account.tenant_id)),))
    scanned.counts["accounts"] += 1
    if not tools:
        scanned.counts["nothing_marked"] += 1
    return scanned


async def _accounts(desk: Desk) -> list[Account]:
    if not desk.asked:
        return await desk.backends.accounts.to_scan(desk.tenant)
    found: list[Account] = []

    async def find_healthy(tenant: UUID) -> None:
        found.extend(a for a in await desk.backends.accounts.list_accounts(tenant) if a.status in HEALTHY)

    await each_tenant(desk, find_healthy)
    return found


JOB = Job(
    name="warm_scan", does="reads through accounts as they connect", every=timedelta(seconds=1), run=run, wanted=wanted
)
