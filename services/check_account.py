"""Check the health of a connected account and store the result."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from services.accounts import HEALTHY_STATUSES, Account, AccountStatus
from services.backends import Backends
from services.envelope import Actor
from services.errors import NotFound
from services.tools.registry import login_id_of
from services.untrusted import one_line

if TYPE_CHECKING:
    from services.tools.dispatch import Tools

EXPIRES_SOON = timedelta(days=3)


async def check_account(backends: Backends, tools: "Tools", account: Account, *, now: datetime, actor: Actor) -> bool:
    """Check the account with the provider that stores its login, and by its expiry. Returns whether the status changed.

    The provider's answer takes precedence over the account's own expiry. Raises NotReady if the provider cannot be
    asked; the account then stays unchanged.
    """
    status, problem = await _read_health(tools, account, now)
    if (status, problem) == (account.status, account.problem):
        return False
    return await backends.accounts.save_health(account, status=status, problem=problem, actor=actor)


async def _read_health(tools: "Tools", account: Account, now: datetime) -> tuple[AccountStatus, str | None]:
    login_id = login_id_of(account)
    if login_id is None:
        return status_by_expiry(account, now)
    try:
        health = await tools.account_health(login_id)
    except NotFound as exc:
        return AccountStatus.ERROR, one_line(str(exc))
    status = AccountStatus(health.status)
    if status != AccountStatus.CONNECTED:
        return status, one_line(health.reason) or None
    return status_by_expiry(replace(account, status=status, problem=None), now)


def status_by_expiry(account: Account, now: datetime) -> tuple[AccountStatus, str | None]:
    """The status and problem by the account's own expiry: `expiring` from three days before, then `expired`. Pure."""
    if account.expires_at is None or account.status not in HEALTHY_STATUSES:
        return account.status, account.problem
    if account.expires_at <= now:
        return AccountStatus.EXPIRED, "its login has expired: connect it again"
    if account.expires_at - now <= EXPIRES_SOON:
        problem = f"its login expires at {account.expires_at:%Y-%m-%d %H:%M} UTC: connect it again before then"
        return AccountStatus.EXPIRING, problem
    return AccountStatus.CONNECTED, None
