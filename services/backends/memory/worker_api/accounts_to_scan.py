"""List the accounts that the next scan reads."""

import math
from uuid import UUID

from services.accounts import Account, awaits_scan
from services.backends.memory.state import State
from services.backends.memory.tenants import without_ended_pause


def accounts_to_scan(state: State, tenant: UUID | None, *, limit: int) -> list[Account]:
    """See `services.accounts.Accounts.list_to_scan`."""
    now = state.clock()
    unscanned = [
        account
        for account in state.accounts.values()
        if awaits_scan(account)
        and tenant in {None, account.tenant_id}
        and without_ended_pause(state.tenants[account.tenant_id], now).paused_at is None
    ]
    unscanned.sort(key=lambda a: (a.linked_at.timestamp() if a.linked_at else math.inf, a.id))
    first_of_tenant: dict[UUID, Account] = {}
    for account in unscanned:
        first_of_tenant.setdefault(account.tenant_id, account)
    return list(first_of_tenant.values())[:limit]
