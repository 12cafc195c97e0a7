"""Which accounts a scan should read next."""

import math
from uuid import UUID

from services.accounts import Account, awaits_scan
from services.backends.memory.state import State


def accounts_to_scan(state: State, tenant: UUID | None, *, limit: int) -> list[Account]:
    """See `services.accounts.Accounts.to_scan`."""
    waiting = [
        account
        for account in state.accounts.values()
        if awaits_scan(account)
        and tenant in {None, account.tenant_id}
        and state.tenants[account.tenant_id].paused_at is None
    ]
    waiting.sort(key=lambda a: (a.linked_at.timestamp() if a.linked_at else math.inf, a.id))
    first: dict[UUID, Account] = {}
    for account in waiting:
        first.setdefault(account.tenant_id, account)
    return list(first.values())[:limit]
