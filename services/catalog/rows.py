"""Catalog entries as JSON rows."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any
from uuid import UUID

from services.catalog import Decided, Synced, Tool, ToolStatus
from services.envelope import Risk


def tool_from_row(row: Mapping[str, Any]) -> Tool:
    """A Tool from a row of `tool_catalog`."""
    return Tool(
        tenant_id=UUID(row["tenant_id"]),
        tool_slug=row["tool_slug"],
        version=row["version"],
        display_name=row["display_name"],
        description=row["description"],
        risk=Risk(row["risk"]),
        schema=row["schema"],
        required_scopes=tuple(row["required_scopes"]),
        provider=row["provider"],
        config=row["config"],
        idempotent=row["idempotent"],
        rate_bucket=row["rate_bucket"],
        scan=row["scan"],
        source=row["source"],
        annotations=row["annotations"],
        schema_hash=row["schema_hash"],
        status=ToolStatus(row["status"]),
        drift=tuple(row["drift"]),
        drifted_to=row.get("drifted_to"),
    )


def tool_row(tool: Tool) -> dict[str, Any]:
    """One element of what `worker_api.save_tools` takes."""
    return asdict(tool)


def synced_from_row(row: Mapping[str, Any]) -> Synced:
    """One element of what `worker_api.sync_tools` returns."""
    return Synced(**{**row, "drift": tuple(row["drift"])})


def decided_from_row(row: Mapping[str, Any]) -> Decided:
    """What `worker_api.decide_tool` returns."""
    return Decided(**row)
