"""Connected accounts in memory."""

from uuid import UUID

from services.accounts import Account, AccountStatus
from services.backends.memory.state import State
from services.backends.memory.worker_api.accounts_to_scan import accounts_to_scan
from services.backends.memory.worker_api.check_account import check_account
from services.backends.memory.worker_api.list_accounts import list_accounts
from services.backends.memory.worker_api.note_scan import note_scan
from services.backends.memory.worker_api.save_account import save_account
from services.envelope import Actor


class MemoryAccounts:
    """See `services.accounts.Accounts`."""

    def __init__(self, state: State) -> None:
        self._state = state

    async def list_accounts(self, tenant: UUID) -> list[Account]:
        return list_accounts(self._state, tenant)

    async def save(self, account: Account, *, actor: Actor) -> None:
        save_account(self._state, account, actor=actor)

    async def list_to_scan(self, tenant: UUID | None = None, *, limit: int = 100) -> list[Account]:
        return accounts_to_scan(self._state, tenant, limit=limit)

    async def note_scan(self, account: Account, *, actor: Actor) -> None:
        note_scan(self._state, account, actor=actor)

    async def save_health(self, account: Account, *, status: AccountStatus, problem: str | None, actor: Actor) -> bool:
        return check_account(self._state, account, status=status, problem=problem, actor=actor)
