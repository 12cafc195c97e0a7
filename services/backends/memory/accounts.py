"""Connected accounts: list, validate and write them."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

from services.accounts import Account, AccountStatus
from services.backends.memory.audit import audit_change
from services.backends.memory.column_rules import check_document
from services.backends.memory.lanes import release_held
from services.backends.memory.state import State
from services.backends.rows.written import as_row
from services.envelope import MAX_PAYLOAD_BYTES, Actor
from services.errors import InvalidInput
from services.jsonb import jsonb_text, moment_text

MAX_ACCOUNTS, MAX_BYTES = 200, 524_288
"""Limits for all accounts of a tenant together, because a worker reads all of them in one call, for several tenants."""


def accounts_of(state: State, tenant: UUID) -> list[Account]:
    """A tenant's accounts, the last linked first. Accounts that were never linked come last."""
    accounts = [account for account in state.accounts.values() if account.tenant_id == tenant]
    by_id = sorted(accounts, key=lambda account: account.id)
    return sorted(by_id, key=lambda account: -account.linked_at.timestamp() if account.linked_at else 1)


def guard_account(state: State, account: Account) -> None:
    """Check the limits of a tenant's accounts, as `app_private/guard_account.sql` does. Raises InvalidInput."""
    check_document("metadata", account.metadata, MAX_PAYLOAD_BYTES)
    if not all(isinstance(scope, str) and scope for scope in account.scopes):
        raise InvalidInput("scopes", "has an empty entry; leave it out")
    others = [other for other in accounts_of(state, account.tenant_id) if other.id != account.id]
    if len(others) >= MAX_ACCOUNTS:
        problem = f"the tenant has {len(others)} accounts, the maximum is {MAX_ACCOUNTS}; delete some first"
        raise InvalidInput("connected_accounts", problem)
    sizes = (len(jsonb_text(stored.metadata).encode()) + _array_size(stored.scopes) for stored in (*others, account))
    if sum(sizes) > MAX_BYTES:
        problem = f"the tenant's accounts would hold more than {MAX_BYTES} bytes of metadata and scopes; keep less"
        raise InvalidInput("metadata", problem)


def check_status(status: AccountStatus) -> None:
    """Check the status like the check constraint of the table. Raises InvalidInput."""
    if status not in set(AccountStatus):
        raise InvalidInput("status", f"must be one of {', '.join(sorted(AccountStatus))}")


def write_account(state: State, before: Account | None, after: Account, by: Actor, now: datetime) -> None:
    """Store an account and its audit row. Held envelopes are judged again if the change may release them."""
    state.accounts[after.tenant_id, after.id] = after
    if before is None or _without_check_results(before) != _without_check_results(after):
        release_held(state, after.tenant_id, {"account", "scopes", "readable"}, now)
    audit_change(
        state, "connected_accounts", tenant=after.tenant_id, by=by, now=now,
        before=_table_row(before) if before else None, after=_table_row(after),
    )  # fmt: skip


def _array_size(scopes: Sequence[str]) -> int:
    """Bytes of the list as PostgreSQL writes an array: `{A,B}`."""
    return len(",".join(scopes).encode()) + 2


def _table_row(account: Account) -> Mapping[str, Any]:
    moments = {
        name: None if (moment := getattr(account, name)) is None else moment_text(moment)
        for name in ("linked_at", "expires_at", "checked_at", "scanned_at")
    }
    row = {**as_row(account), **moments}
    del row["unreadable"]  # not a column of the table
    return row


def _without_check_results(account: Account) -> Account:
    """The account without the columns that checks and scans write and that never hold an envelope."""
    return replace(account, checked_at=None, scanned_at=None, expires_at=None, problem=None)
