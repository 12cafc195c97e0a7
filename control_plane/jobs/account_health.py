"""Look whether connected accounts are well: by their own expiry, and by asking the provider that keeps the login."""

from collections import Counter
from datetime import timedelta
from uuid import UUID

from control_plane.jobs import Desk, Job, Report, each_tenant
from services.accounts import AccountStatus
from services.check_account import check_account
from services.clock import utc_now
from services.errors import ControlPlaneError
from services.untrusted import one_line


async def run(desk: Desk) -> Report:
    """Changes the status where it is another one; an account that is not well holds its envelopes, no attempt burnt.

    What the provider says counts more than the account's own expiry; one that cannot be asked stays as it is.
    """
    counts: Counter[str] = Counter(accounts=0, changed=0)
    problems: list[str] = []

    async def look(tenant: UUID) -> None:
        for account in await desk.backends.accounts.list_accounts(tenant):
            if account.unreadable is not None:
                problems.append(f"tenant {tenant}: account {account.id}: {account.unreadable}")
                continue
            if account.status == AccountStatus.REVOKED:
                continue
            counts["accounts"] += 1
            try:
                changed = await check_account(desk.backends, desk.tools, account, now=utc_now(), actor=JOB.actor)
                counts["changed"] += changed
            except ControlPlaneError as exc:  # this account's alone
                problems.append(str(exc))

    problems += await each_tenant(desk, look)
    return Report(counts=counts, problem=one_line("; ".join(dict.fromkeys(problems))) or None)


JOB = Job(name="account_health", does="looks whether accounts are well", every=timedelta(minutes=15), run=run)
