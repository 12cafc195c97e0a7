"""Connected accounts over a direct connection."""

from dataclasses import asdict
from uuid import UUID

from services.accounts import Account
from services.accounts.rows import account_from_row
from services.database.pool import Pool
from services.database.queries import read_queries

QUERIES = read_queries(__package__)


class PostgresAccounts:
    """See `services.accounts.Accounts`."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def list_accounts(self, tenant: UUID) -> list[Account]:
        return [account_from_row(row) for row in await self._pool.rows(QUERIES["list_accounts"], tenant)]

    async def save(self, account: Account, *, by: str) -> None:
        await self._pool.value("select worker_api.save_account($1, $2, $3)", asdict(account), by, self._pool.as_of())
