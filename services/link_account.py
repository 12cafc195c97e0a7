"""Add a connected account, and change the status of one."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from uuid import UUID, uuid4

from services.accounts import Account, AccountStatus
from services.backends import Backends
from services.clock import utc_now
from services.envelope import Actor
from services.errors import NotFound
from services.tools.registry import account_metadata


async def link_account(
    backends: Backends,
    tenant: UUID,
    provider: str,
    *,
    scopes: Sequence[str],
    expires_at: datetime | None,
    login_id: str | None,
    actor: Actor,
) -> Account:
    """Add a connected account; envelopes that waited for it are judged again.

    `expires_at` without a time zone is UTC. `login_id` is the id of its login at the provider that stores it.
    Raises NotFound for an unknown tenant, InvalidInput with the field.
    """
    account = Account(
        id=uuid4(),
        tenant_id=tenant,
        provider=provider,
        status=AccountStatus.CONNECTED,
        scopes=tuple(scopes),
        linked_at=utc_now(),
        expires_at=expires_at if expires_at is None or expires_at.tzinfo else expires_at.replace(tzinfo=UTC),
        metadata=account_metadata(login_id),
    )
    await backends.accounts.save(account, actor=actor)
    return account


async def set_account_status(
    backends: Backends, tenant: UUID, account: UUID, status: AccountStatus, *, actor: Actor
) -> Account:
    """Change the status of an account. Raises NotFound, also for another tenant's account, StateConflict for a revoked
    account, and InvalidInput."""
    changed = replace(await find_account(backends, tenant, account), status=status)
    await backends.accounts.save(changed, actor=actor)
    return changed


async def find_account(backends: Backends, tenant: UUID, account: UUID) -> Account:
    """One account of the tenant. Raises NotFound, also for another tenant's account."""
    for candidate in await backends.accounts.list_accounts(tenant):
        if candidate.id == account:
            return candidate
    raise NotFound("account", account, f"this tenant has no account {account}")
