"""Connected accounts: references to the logins that tools use. They hold no secrets."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, Protocol
from uuid import UUID

from services.envelope import Actor


class AccountStatus(StrEnum):
    """The state of a connected account."""

    PENDING = "pending"
    """The login of the account is not complete."""
    CONNECTED = "connected"
    EXPIRING = "expiring"
    """The login of the account expires soon."""
    EXPIRED = "expired"
    REVOKED = "revoked"
    """A person revoked the account. It stays revoked until it is linked again; usually people link another
    account instead."""
    ERROR = "error"


HEALTHY_STATUSES = frozenset({AccountStatus.CONNECTED, AccountStatus.EXPIRING})
"""Calls may use accounts in these states."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """One row of `connected_accounts`."""

    id: UUID
    tenant_id: UUID
    provider: str
    status: AccountStatus
    scopes: tuple[str, ...] = ()
    linked_at: datetime | None = None
    metadata: Mapping[str, Any] = field(default_factory=dict)
    """References, never secrets: such as the id of the account's login at the provider that stores the login."""
    expires_at: datetime | None = None
    """When its login expires; None if unknown."""
    problem: str | None = None
    """Why the account is not healthy, by the last health check."""
    checked_at: datetime | None = None
    scanned_at: datetime | None = None
    unreadable: str | None = None
    """The columns that cannot be read, and why. They are empty here, and no call uses the account."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountHealth:
    """The health of an account, as its provider reports it."""

    status: str
    """The value of an AccountStatus."""
    reason: str = ""
    """Why the account is not healthy, on one line; else empty. May contain text from the provider."""
    scopes: tuple[str, ...] = ()
    """The granted scopes in the provider's spelling, or the requested ones if it does not report them."""


def awaits_scan(account: Account) -> bool:
    """Whether the account is healthy and was not scanned since it was linked."""
    if account.status not in HEALTHY_STATUSES:
        return False
    if account.scanned_at is None:
        return True
    return account.linked_at is not None and account.scanned_at < account.linked_at


class Accounts(Protocol):
    """The connected accounts of all tenants."""

    async def list_accounts(self, tenant: UUID) -> list[Account]:
        """The tenant's accounts, the most recently linked first."""

    async def save(self, account: Account, *, actor: Actor) -> None:
        """Add or change an account. Envelopes that waited for it are judged again.

        Raises NotFound for an unknown tenant or another tenant's account, InvalidInput with the field,
        StateConflict for another status of a revoked account that was not linked again.
        """

    async def list_to_scan(self, tenant: UUID | None = None, *, limit: int = 100) -> list[Account]:
        """Healthy accounts that were not scanned since they were linked, the longest waiting first.

        The list has at most one account per tenant, and no account of a paused tenant.
        """

    async def note_scan(self, account: Account, *, actor: Actor) -> None:
        """Store that the account was scanned now."""

    async def save_health(self, account: Account, *, status: AccountStatus, problem: str | None, actor: Actor) -> bool:
        """Store the result of a health check. If it changed, envelopes that waited for the account are judged again.

        Returns False and writes nothing if the account was changed since `account` was read, is revoked, or is unknown.
        """
