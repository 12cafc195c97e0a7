"""Connected accounts as JSON rows."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from services.accounts import Account, AccountStatus
from services.backends.rows.columns import Columns


def account_from_row(row: Mapping[str, Any]) -> Account:
    """An Account from a row of `connected_accounts`."""
    columns = Columns(row)
    return Account(
        id=UUID(row["id"]),
        tenant_id=UUID(row["tenant_id"]),
        provider=columns.text("provider"),
        status=columns.member("status", AccountStatus, AccountStatus.ERROR),
        scopes=columns.texts("scopes"),
        linked_at=columns.moment_or_none("linked_at"),
        metadata=columns.document("metadata"),
        expires_at=columns.moment_or_none("expires_at"),
        problem=columns.text_or_none("problem"),
        checked_at=columns.moment_or_none("checked_at"),
        scanned_at=columns.moment_or_none("scanned_at"),
        unreadable=columns.unreadable,
    )
