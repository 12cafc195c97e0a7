"""Connected accounts: through whose login a tool acts. Secrets are elsewhere; here are only references."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, Protocol
from uuid import UUID

from services.envelope import Actor


class AccountStatus(StrEnum):
    """Whether calls may go through an account."""

    PENDING = "pending"
    """Its login is not finished."""
    CONNECTED = "connected"
    EXPIRING = "expiring"
    """Its login runs out soon."""
    EXPIRED = "expired"
    REVOKED = "revoked"
    """For good: another account takes its place."""
    ERROR = "error"


HEALTHY = frozenset({AccountStatus.CONNECTED, AccountStatus.EXPIRING})
"""Calls go through accounts in one of these."""


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
    """Such as `composio_id`, what the provider calls it: references, never secrets."""
    expires_at: datetime | None = None
    """When its login runs out, where that is known."""
    problem: str | None = None
    """Why it is not well, as the last look said."""
    checked_at: datetime | None = None
    scanned_at: datetime | None = None
    unreadable: str | None = None
    """Which of its columns cannot be read, and why; they are left empty here, and nothing is called through it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountHealth:
    """What a provider says of an account it keeps for us."""

    status: str
    """The value of an AccountStatus."""
    reason: str = ""
    """Why, on one line for people; empty when all is well. Text from outside in part."""
    scopes: tuple[str, ...] = ()
    """What was granted, in the provider's own words; what was asked for where it does not say."""


def provider_reference(account: Account | None) -> str | None:
    """What the provider that keeps the account's login calls it; None where nobody said."""
    reference = None if account is None else account.metadata.get("composio_id")
    return reference if isinstance(reference, str) else None


def awaits_scan(account: Account) -> bool:
    """Whether the account is healthy and was not scanned since it was linked."""
    if account.status not in HEALTHY:
        return False
    if account.scanned_at is None:
        return True
    return account.linked_at is not None and account.scanned_at < account.linked_at


class Accounts(Protocol):
    """A tenant's connections to the services its tools act on."""

    async def list_accounts(self, tenant: UUID) -> list[Account]:
        """The newest link first."""

    async def save(self, account: Account, *, actor: Actor) -> None:
        """Add one, or change it; what it held back is judged again.

        Raises NotFound for an unknown tenant or an account of another; InvalidInput that names the field.
        """

    async def to_scan(self, tenant: UUID | None = None, *, limit: int = 100) -> list[Account]:
        """Healthy ones that no scan has read since they were linked: of each tenant that is not paused its longest
        waiting one, and of these the longest waiting first."""

    async def note_scan(self, account: Account, *, actor: Actor) -> None:
        """It was scanned just now."""

    async def check(self, account: Account, *, status: AccountStatus, problem: str | None, actor: Actor) -> bool:
        """What a look at its health found. What it held back is judged again if it changed.

        False, and nothing is written, where a person has changed the account since `account` was read, where it is
        revoked, and where there is none.
        """
