"""List the accounts that the next scan reads."""

import math
from uuid import UUID

from services.accounts import Account, awaits_scan
from services.backends.memory.state import State


def accounts_to_scan(state: State, tenant: UUID | None, *, limit: int) -> list[Account]:
    """See `services.accounts.Accounts.list_to_scan`."""
    unscanned = [
        account
        for account in state.accounts.values()
        if awaits_scan(account)
        and tenant in {None, account.tenant_id}
        and state.tenants[account.tenant_id].paused_at is None
    ]
    unscanned.sort(key=lambda a: (a.linked_at.timestamp() if a.linked_at else math.inf, a.id))
    first_of_tenant: dict[UUID, Account] = {}
    for account in unscanned:
        first_of_tenant.setdefault(account.tenant_id, account)
    return list(first_of_tenant.values())[:limit]
