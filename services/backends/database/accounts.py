"""Read and change connected accounts in the database."""

from uuid import UUID

from services.accounts import Account, AccountStatus
from services.backends.functions import Functions, by
from services.backends.rows.accounts import account_from_row
from services.backends.rows.written import as_row
from services.envelope import Actor


class DatabaseAccounts:
    """See `services.accounts.Accounts`."""

    def __init__(self, functions: Functions) -> None:
        self._functions = functions

    async def list_accounts(self, tenant: UUID) -> list[Account]:
        return [account_from_row(row) for row in await self._functions.call("list_accounts", tenant=tenant)]

    async def save(self, account: Account, *, actor: Actor) -> None:
        await self._functions.call("save_account", account=as_row(account), **by(actor), as_of=self._functions.as_of())

    async def list_to_scan(self, tenant: UUID | None = None, *, limit: int = 100) -> list[Account]:
        return [
            account_from_row(row)
            for row in await self._functions.call(
                "accounts_to_scan", tenant=tenant, max_rows=limit, as_of=self._functions.as_of()
            )
        ]  # fmt: skip

    async def note_scan(self, account: Account, *, actor: Actor) -> None:
        await self._functions.call(
            "note_scan", tenant=account.tenant_id, account=account.id, **by(actor), as_of=self._functions.as_of()
        )

    async def save_health(self, account: Account, *, status: AccountStatus, problem: str | None, actor: Actor) -> bool:
        recorded = await self._functions.call(
            "check_account", tenant=account.tenant_id, account=account.id, status=status, problem=problem,
            seen={"status": account.status, "linked_at": account.linked_at, "expires_at": account.expires_at},
            **by(actor), as_of=self._functions.as_of(),
        )  # fmt: skip
        return bool(recorded)
