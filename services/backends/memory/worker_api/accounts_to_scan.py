"""Which accounts a scan should read next."""

import math
from uuid import UUID

from services.accounts import HEALTHY, Account
from services.backends.memory.state import State


def accounts_to_scan(state: State, tenant: UUID | None, *, limit: int) -> list[Account]:
    """See `services.accounts.Accounts.to_scan`."""
    waiting = [
        account
        for account in state.accounts.values()
        if account.status in HEALTHY
        and tenant in {None, account.tenant_id}
        and _is_unread(account)
        and state.tenants[account.tenant_id].paused_at is None
    ]
    waiting.sort(key=lambda a: (a.linked_at.timestamp() if a.linked_at else math.inf, a.id))
    first: dict[UUID, Account] = {}
    for account in waiting:
        first.setdefault(account.tenant_id, account)
    return list(first.values())[:limit]


def _is_unread(account: Account) -> bool:
    if account.scanned_at is None:
        return True
    return account.linked_at is not None and account.scanned_at < account.linked_at
