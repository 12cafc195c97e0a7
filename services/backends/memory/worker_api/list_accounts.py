"""List a tenant's accounts."""

from uuid import UUID

from services.accounts import Account
from services.backends.memory.accounts import accounts_of
from services.backends.memory.state import State


def list_accounts(state: State, tenant: UUID) -> list[Account]:
    """See `services.accounts.Accounts.list_accounts`."""
    return accounts_of(state, tenant)
