"""Connected accounts: through whose login a tool acts. Secrets are elsewhere; here are only references."""

from typing import Protocol
from uuid import UUID

from services.guardrails import Account


class Accounts(Protocol):
    """A tenant's connections to the services its tools act on."""

    async def list_accounts(self, tenant: UUID) -> list[Account]:
        """The newest link first."""

    async def save(self, account: Account, *, by: str) -> None:
        """Add one, or change it; what it held back is judged again. Raises NotFound, InvalidInput (status)."""
