"""Connected accounts as JSON rows."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from services.accounts import Account
from services.database.moments import moment


def account_from_row(row: Mapping[str, Any]) -> Account:
    """An Account from a row of `connected_accounts`."""
    return Account(
        id=UUID(row["id"]),
        tenant_id=UUID(row["tenant_id"]),
        provider=row["provider"],
        status=row["status"],
        scopes=tuple(row["scopes"]),
        linked_at=moment(row["linked_at"]),
        metadata=row["metadata"],
        expires_at=moment(row["expires_at"]),
        problem=row["problem"],
        checked_at=moment(row["checked_at"]),
        scanned_at=moment(row["scanned_at"]),
    )
