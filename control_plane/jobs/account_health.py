"""Look whether connected accounts are well: by their own expiry, and by asking the provider that keeps the login."""

from collections import Counter
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

from control_plane.jobs import Desk, Job, Report, each_tenant
from services.accounts import Account, reference_of
from services.clock import utc_now
from services.errors import ControlPlaneError, NotFound
from services.untrusted import one_line

EXPIRES_SOON = timedelta(days=3)


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
            if account.status == "revoked":
                continue
            counts["accounts"] += 1
            try:
                status, problem = await _told(desk, account)
                if (status, problem) != (account.status, account.problem):
                    counts["changed"] += await desk.backends.accounts.check(
                        account, status=status, problem=problem, actor=JOB.actor
                    )
            except ControlPlaneError as exc:  # this account's alone
                problems.append(str(exc))

    problems += await each_tenant(desk, look)
    return Report(counts=counts, problem=one_line("; ".join(dict.fromkeys(problems))) or None)


async def _told(desk: Desk, account: Account) -> tuple[str, str | None]:
    reference = reference_of(account)
    if reference is None:
        return by_expiry(account, utc_now())
    try:
        told = await desk.tools.account_health(reference)
    except NotFound as exc:
        return "error", one_line(str(exc))
    if told.status != "connected":
        return told.status, one_line(told.reason) or None
    return by_expiry(replace(account, status="connected", problem=None), utc_now())


def by_expiry(account: Account, now: datetime) -> tuple[str, str | None]:
    """What an account's own expiry makes of it: expiring three days before, expired after. Pure."""
    if account.expires_at is None or account.status not in {"connected", "expiring"}:
        return account.status, account.problem
    if account.expires_at <= now:
        return "expired", "its login has run out: connect it again"
    if account.expires_at - now <= EXPIRES_SOON:
        return "expiring", f"its login runs out at {account.expires_at:%Y-%m-%d %H:%M} UTC: connect it again before"
    return "connected", None


JOB = Job(name="account_health", does="looks whether accounts are well", every=timedelta(minutes=15), run=run)
