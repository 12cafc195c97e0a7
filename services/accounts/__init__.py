"""Connected accounts: through whose login a tool acts. Secrets are elsewhere; here are only references."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """One row of `connected_accounts`."""

    id: UUID
    tenant_id: UUID
    provider: str
    status: str
    """`pending`, `connected`, `expiring`, `expired`, `revoked` or `error`."""
    scopes: tuple[str, ...] = ()
    linked_at: datetime | None = None
    metadata: Mapping[str, Any] = field(default_factory=dict)


class Accounts(Protocol):
    """A tenant's connections to the services its tools act on."""

    async def list_accounts(self, tenant: UUID) -> list[Account]:
        """The newest link first."""

    async def save(self, account: Account, *, by: str) -> None:
        """Add one, or change it; what it held back is judged again.

        Raises NotFound for an unknown tenant or an account of another; InvalidInput that names the field.
        """
