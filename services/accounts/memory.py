"""Connected accounts in memory."""

from collections.abc import Mapping
from dataclasses import asdict, replace
from typing import Any
from uuid import UUID

from services.accounts import Account
from services.envelope import MAX_PAYLOAD_BYTES
from services.errors import InvalidInput
from services.memory.audit import audit_change
from services.memory.jsonb import jsonb_text, moment_text, stored
from services.memory.lanes import release_held
from services.memory.state import State

STATUSES = frozenset({"pending", "connected", "expiring", "expired", "revoked", "error"})


class MemoryAccounts:
    """See `services.accounts.Accounts`."""

    def __init__(self, state: State) -> None:
        self._state = state

    async def list_accounts(self, tenant: UUID) -> list[Account]:
        return accounts_of(self._state, tenant)

    async def save(self, account: Account, *, by: str) -> None:
        with self._state.change() as now:
            if len(jsonb_text(account.metadata).encode()) > MAX_PAYLOAD_BYTES:
                raise InvalidInput("metadata", "breaks its rule (too long)")
            if not 1 <= len(account.provider) <= 255:
                raise InvalidInput("provider", "breaks its rule (must have 1 to 255 characters)")
            if account.status not in STATUSES:
                raise InvalidInput("status", f"breaks its rule (must be one of {', '.join(sorted(STATUSES))})")
            before = self._state.accounts.get((account.tenant_id, account.id))
            self._state.require_tenant(account.tenant_id)
            self._state.accounts[account.tenant_id, account.id] = replace(
                account, metadata=stored(account.metadata), scopes=tuple(account.scopes)
            )
            release_held(self._state, account.tenant_id, {"account", "scopes"}, now)
            audit_change(
                self._state, "connected_accounts", tenant=account.tenant_id, by=by, now=now,
                before=_row(before) if before else None, after=_row(account),
            )  # fmt: skip


def accounts_of(state: State, tenant: UUID) -> list[Account]:
    """A tenant's accounts, the newest link first, those never linked last."""
    mine = [account for account in state.accounts.values() if account.tenant_id == tenant]
    by_id = sorted(mine, key=lambda account: account.id)
    return sorted(by_id, key=lambda account: -account.linked_at.timestamp() if account.linked_at else 1)


def _row(account: Account) -> Mapping[str, Any]:
    linked_at = None if account.linked_at is None else moment_text(account.linked_at)
    return {**asdict(account), "linked_at": linked_at}
