"""Insert or update a connected account."""

from dataclasses import replace
from datetime import UTC, datetime

from services.accounts import Account
from services.backends.memory.accounts import check_status, guard_account, write_account
from services.backends.memory.check_texts import actor_texts, check_texts
from services.backends.memory.column_rules import require_object
from services.backends.memory.state import State
from services.envelope import Actor
from services.errors import InvalidInput, StateConflict
from services.jsonb import as_stored

SECRET_KEYS = frozenset(
    {"token", "access_token", "refresh_token", "id_token", "secret", "client_secret", "password", "api_key", "apikey",
     "private_key", "credentials"}
)  # fmt: skip
"""Keys that metadata must not have: tenants read metadata, and it may only refer to secrets."""
EARLIEST, LATEST = datetime(1970, 1, 1, tzinfo=UTC), datetime(9999, 1, 1, tzinfo=UTC)


def save_account(state: State, account: Account, *, actor: Actor) -> None:
    """See `services.accounts.Accounts.save`."""
    check_texts(**actor_texts(actor))
    with state.change() as now:
        require_object("metadata", account.metadata)
        guard_account(state, account)
        _check(account)
        before = state.accounts.get((account.tenant_id, account.id))
        state.require_tenant(account.tenant_id)
        if before is not None:
            _check_revoked(before, account)
        after = replace(
            account, metadata=as_stored(account.metadata), scopes=tuple(account.scopes),
            checked_at=before.checked_at if before else None, scanned_at=before.scanned_at if before else None,
        )  # fmt: skip
        write_account(state, before, after, actor, now)


def _check_revoked(before: Account, after: Account) -> None:
    if before.status == "revoked" != after.status and before.linked_at == after.linked_at:
        raise StateConflict("status", f"account {after.id} stays revoked; link it again, or link another account")


def _check(account: Account) -> None:
    """Check the rules of the table. Raises InvalidInput."""
    if account.metadata.keys() & SECRET_KEYS:
        raise InvalidInput("metadata", "must not hold secrets of a login; store them elsewhere and refer to them")
    for field in ("linked_at", "expires_at"):
        if not EARLIEST <= (getattr(account, field) or EARLIEST) <= LATEST:
            raise InvalidInput(field, "must lie between the years 1970 and 9999")
    if not 1 <= len(account.provider) <= 255:
        raise InvalidInput("provider", "must have 1 to 255 characters")
    check_status(account.status)
