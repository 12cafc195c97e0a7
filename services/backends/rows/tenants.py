"""Tenants as JSON rows."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from services.backends.rows.columns import NEVER, Columns
from services.tenants import Tenant


def tenant_from_row(row: Mapping[str, Any]) -> Tenant:
    """A Tenant from a row of `tenants`."""
    columns = Columns(row)
    return Tenant(
        id=UUID(row["id"]),
        name=row["name"],
        plan=row["plan"],
        lanes=row["lanes"],
        paused_at=columns.moment_or_none("paused_at", NEVER),  # paused, whenever that was
        paused_reason=row["paused_reason"],
    )
