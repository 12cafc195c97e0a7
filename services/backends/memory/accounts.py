"""A tenant's accounts: how they are listed, what guards them, and what a change of one brings."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

from services.accounts import Account, AccountStatus
from services.backends.memory.audit import audit_change
from services.backends.memory.fits import fits
from services.backends.memory.lanes import release_held
from services.backends.memory.state import State
from services.backends.rows.written import as_row
from services.envelope import MAX_PAYLOAD_BYTES, Actor
from services.errors import InvalidInput
from services.jsonb import jsonb_text, moment_text

MOST_ACCOUNTS, MOST_BYTES = 200, 524_288
"""Of one tenant: a worker reads them all at once, beside those of others."""


def accounts_of(state: State, tenant: UUID) -> list[Account]:
    """A tenant's accounts, the newest link first, those never linked last."""
    mine = [account for account in state.accounts.values() if account.tenant_id == tenant]
    by_id = sorted(mine, key=lambda account: account.id)
    return sorted(by_id, key=lambda account: -account.linked_at.timestamp() if account.linked_at else 1)


def guard_account(state: State, account: Account) -> None:
    """What one tenant's accounts may hold: see `db/functions/app_private/guard_account.sql`."""
    fits("metadata", account.metadata, MAX_PAYLOAD_BYTES)
    if not all(isinstance(scope, str) and scope for scope in account.scopes):
        raise InvalidInput("scopes", "has an empty entry; leave it out")
    others = [each for each in accounts_of(state, account.tenant_id) if each.id != account.id]
    if len(others) >= MOST_ACCOUNTS:
        problem = f"the tenant has {len(others)} accounts, the maximum is {MOST_ACCOUNTS}; delete some first"
        raise InvalidInput("connected_accounts", problem)
    if sum(len(jsonb_text(each.metadata).encode()) + _octets(each.scopes) for each in (*others, account)) > MOST_BYTES:
        problem = f"the tenant's accounts would hold more than {MOST_BYTES} bytes of metadata and scopes; keep less"
        raise InvalidInput("metadata", problem)


def check_status(status: AccountStatus) -> None:
    """The check constraint of the table. Raises InvalidInput."""
    if status not in set(AccountStatus):
        raise InvalidInput("status", f"breaks its rule (must be one of {', '.join(sorted(AccountStatus))})")


def write_account(state: State, before: Account | None, after: Account, by: Actor, now: datetime) -> None:
    """Put it in place of `before`; what the account held back is judged again."""
    state.accounts[after.tenant_id, after.id] = after
    if before is None or _looked_at(before) != _looked_at(after):
        release_held(state, after.tenant_id, {"account", "scopes", "readable"}, now)
    audit_change(
        state, "connected_accounts", tenant=after.tenant_id, by=by, now=now,
        before=_row(before) if before else None, after=_row(after),
    )  # fmt: skip


def _octets(scopes: Sequence[str]) -> int:
    """As PostgreSQL writes a list of names: `{A,B}`."""
    return len(",".join(scopes).encode()) + 2


def _row(account: Account) -> Mapping[str, Any]:
    moments = {
        name: None if (moment := getattr(account, name)) is None else moment_text(moment)
        for name in ("linked_at", "expires_at", "checked_at", "scanned_at")
    }
    row = {**as_row(account), **moments}
    del row["unreadable"]  # told by reading, kept nowhere
    return row


def _looked_at(account: Account) -> Account:
    """Without what a look may change that holds nothing back."""
    return replace(account, checked_at=None, scanned_at=None, expires_at=None, problem=None)
