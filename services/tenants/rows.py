"""Tenants as JSON rows."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from services.database.moments import moment
from services.tenants import Tenant


def tenant_from_row(row: Mapping[str, Any]) -> Tenant:
    """A Tenant from a row of `tenants`."""
    return Tenant(
        id=UUID(row["id"]),
        name=row["name"],
        plan=row["plan"],
        lanes=row["lanes"],
        paused_at=moment(row["paused_at"]),
        paused_reason=row["paused_reason"],
    )
