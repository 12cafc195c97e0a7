"""Look whether a connected account is well, and write down what the look found."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from services.accounts import HEALTHY, Account, AccountStatus, provider_reference
from services.backends import Backends
from services.envelope import Actor
from services.errors import NotFound
from services.untrusted import one_line

if TYPE_CHECKING:
    from services.tools.dispatch import Tools

EXPIRES_SOON = timedelta(days=3)


async def check_account(backends: Backends, tools: "Tools", account: Account, *, now: datetime, actor: Actor) -> bool:
    """Ask the provider that keeps its login, and look at its own expiry; True where the status changed.

    What the provider says counts more than the account's own expiry. Raises NotReady where it cannot be asked: then the
    account stays as it is.
    """
    status, problem = await _health(tools, account, now)
    if (status, problem) == (account.status, account.problem):
        return False
    return await backends.accounts.check(account, status=status, problem=problem, actor=actor)


async def _health(tools: "Tools", account: Account, now: datetime) -> tuple[AccountStatus, str | None]:
    reference = provider_reference(account)
    if reference is None:
        return status_by_expiry(account, now)
    try:
        health = await tools.account_health(reference)
    except NotFound as exc:
        return AccountStatus.ERROR, one_line(str(exc))
    status = AccountStatus(health.status)
    if status != AccountStatus.CONNECTED:
        return status, one_line(health.reason) or None
    return status_by_expiry(replace(account, status=status, problem=None), now)


def status_by_expiry(account: Account, now: datetime) -> tuple[AccountStatus, str | None]:
    """What an account's own expiry makes of it: expiring three days before, expired after. Pure."""
    if account.expires_at is None or account.status not in HEALTHY:
        return account.status, account.problem
    if account.expires_at <= now:
        return AccountStatus.EXPIRED, "its login has run out: connect it again"
    if account.expires_at - now <= EXPIRES_SOON:
        problem = f"its login runs out at {account.expires_at:%Y-%m-%d %H:%M} UTC: connect it again before"
        return AccountStatus.EXPIRING, problem
    return AccountStatus.CONNECTED, None
