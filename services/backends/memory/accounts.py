"""Connected accounts in memory."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from services.accounts import Account
from services.backends.memory.audit import audit_change
from services.backends.memory.check_texts import check_texts
from services.backends.memory.lanes import release_held
from services.backends.memory.state import State
from services.envelope import MAX_PAYLOAD_BYTES, Actor
from services.errors import InvalidInput
from services.json_rules import check_json
from services.jsonb import jsonb_text, moment_text, stored

SECRET_KEYS = frozenset(
    {"token", "access_token", "refresh_token", "id_token", "secret", "client_secret", "password", "api_key", "apikey",
     "private_key", "credentials"}
)  # fmt: skip
"""What a login's secrets are called; metadata is read by tenants, and holds references alone."""
EARLIEST, LATEST = datetime(1970, 1, 1, tzinfo=UTC), datetime(9999, 1, 1, tzinfo=UTC)
MOST_ACCOUNTS, MOST_BYTES = 200, 524_288
"""Of one tenant: a worker reads them all at once, beside those of others."""
HEALTHY = frozenset({"connected", "expiring"})
STATUSES = frozenset({"pending", "connected", "expiring", "expired", "revoked", "error"})


@check_texts
class MemoryAccounts:
    """See `services.accounts.Accounts`."""

    def __init__(self, state: State) -> None:
        self._state = state

    async def list_accounts(self, tenant: UUID) -> list[Account]:
        return accounts_of(self._state, tenant)

    async def save(self, account: Account, *, actor: Actor) -> None:
        with self._state.change() as now:
            if not isinstance(account.metadata, Mapping):
                raise InvalidInput("metadata", "must be a JSON object")
            check_json("metadata", account.metadata)
            self._check_room(account)
            if account.metadata.keys() & SECRET_KEYS:
                raise InvalidInput(
                    "metadata", "must not hold secrets of a login; store them elsewhere and refer to them"
                )
            for field in ("linked_at", "expires_at"):
                if not EARLIEST <= (getattr(account, field) or EARLIEST) <= LATEST:
                    raise InvalidInput(field, "must lie between the years 1970 and 9999")
            if not 1 <= len(account.provider) <= 255:
                raise InvalidInput("provider", "breaks its rule (must have 1 to 255 characters)")
            if account.status not in STATUSES:
                raise InvalidInput("status", f"breaks its rule (must be one of {', '.join(sorted(STATUSES))})")
            before = self._state.accounts.get((account.tenant_id, account.id))
            self._state.require_tenant(account.tenant_id)
            kept = replace(
                account, metadata=stored(account.metadata), scopes=tuple(account.scopes),
                checked_at=before.checked_at if before else None, scanned_at=before.scanned_at if before else None,
            )  # fmt: skip
            self._write(before, kept, actor, now)

    async def to_scan(self, tenant: UUID | None = None, *, limit: int = 100) -> list[Account]:
        waiting = [
            account
            for account in self._state.accounts.values()
            if account.status in HEALTHY
            and tenant in {None, account.tenant_id}
            and _is_unread(account)
            and self._state.tenants[account.tenant_id].paused_at is None
        ]
        waiting.sort(key=lambda a: (a.linked_at.timestamp() if a.linked_at else math.inf, a.id))
        first: dict[UUID, Account] = {}
        for account in waiting:
            first.setdefault(account.tenant_id, account)
        return list(first.values())[:limit]

    async def note_scan(self, account: Account, *, actor: Actor) -> None:
        with self._state.change() as now:
            before = self._state.accounts[account.tenant_id, account.id]
            scanned_at = now if before.linked_at is None else max(now, before.linked_at)
            self._write(before, replace(before, scanned_at=scanned_at), actor, now)

    async def check(self, account: Account, *, status: str, problem: str | None, actor: Actor) -> bool:
        with self._state.change() as now:
            before = self._state.accounts.get((account.tenant_id, account.id))
            if before is None or before.status == "revoked" or _told(before) != _told(account):
                return False
            if status not in STATUSES:
                raise InvalidInput("status", f"breaks its rule (must be one of {', '.join(sorted(STATUSES))})")
            looked = replace(before, status=status, problem=problem, checked_at=now)
            self._write(before, looked, actor, now)
            return True

    def _check_room(self, account: Account) -> None:
        """What one tenant's accounts may hold: see `app_private.guard_account`."""
        if (size := len(jsonb_text(account.metadata).encode())) > MAX_PAYLOAD_BYTES:
            raise InvalidInput("metadata", f"is {size} bytes as JSON; at most {MAX_PAYLOAD_BYTES} fit")
        if not all(isinstance(scope, str) and scope for scope in account.scopes):
            raise InvalidInput("scopes", "has an empty entry; leave it out")
        others = [each for each in accounts_of(self._state, account.tenant_id) if each.id != account.id]
        if len(others) >= MOST_ACCOUNTS:
            problem = f"the tenant has {len(others)} accounts, the maximum is {MOST_ACCOUNTS}; delete some first"
            raise InvalidInput("connected_accounts", problem)
        if (
            sum(len(jsonb_text(each.metadata).encode()) + _octets(each.scopes) for each in (*others, account))
            > MOST_BYTES
        ):
            problem = f"the tenant's accounts would hold more than {MOST_BYTES} bytes of metadata and scopes; keep less"
            raise InvalidInput("metadata", problem)

    def _write(self, before: Account | None, after: Account, by: Actor, now: datetime) -> None:
        self._state.accounts[after.tenant_id, after.id] = after
        if before is None or _looked_at(before) != _looked_at(after):
            release_held(self._state, after.tenant_id, {"account", "scopes", "readable"}, now)
        audit_change(
            self._state, "connected_accounts", tenant=after.tenant_id, by=by, now=now,
            before=_row(before) if before else None, after=_row(after),
        )  # fmt: skip


def accounts_of(state: State, tenant: UUID) -> list[Account]:
    """A tenant's accounts, the newest link first, those never linked last."""
    mine = [account for account in state.accounts.values() if account.tenant_id == tenant]
    by_id = sorted(mine, key=lambda account: account.id)
    return sorted(by_id, key=lambda account: -account.linked_at.timestamp() if account.linked_at else 1)


def _octets(scopes: Sequence[str]) -> int:
    """As PostgreSQL writes a list of names: `{A,B}`."""
    return len(",".join(scopes).encode()) + 2


def _row(account: Account) -> Mapping[str, Any]:
    moments = {
        name: None if (moment := getattr(account, name)) is None else moment_text(moment)
        for name in ("linked_at", "expires_at", "checked_at", "scanned_at")
    }
    row = {**asdict(account), **moments}
    del row["unreadable"]  # told by reading, kept nowhere
    return row


def _is_unread(account: Account) -> bool:
    if account.scanned_at is None:
        return True
    return account.linked_at is not None and account.scanned_at < account.linked_at


def _told(account: Account) -> tuple[object, ...]:
    """What a look at its health goes by."""
    return account.status, account.linked_at, account.expires_at


def _looked_at(account: Account) -> Account:
    """Without what a look may change that holds nothing back."""
    return replace(account, checked_at=None, scanned_at=None, expires_at=None, problem=None)
