"""Catalog entries as JSON rows."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from services.backends.rows.columns import Columns
from services.backends.rows.written import as_row
from services.catalog import Decided, SyncChange, Synced, Tool, ToolStatus
from services.envelope import Risk


def tool_from_row(row: Mapping[str, Any]) -> Tool:
    """A Tool from a row of `tool_catalog`."""
    columns = Columns(row)
    return Tool(
        tenant_id=UUID(str(row["tenant_id"])),
        tool_slug=columns.text("tool_slug"),
        version=columns.text("version"),
        display_name=columns.text("display_name"),
        description=columns.text("description"),
        risk=columns.member("risk", Risk, Risk.HIGH),
        schema=columns.document("schema"),
        required_scopes=columns.texts("required_scopes"),
        provider=columns.text("provider"),
        config=columns.document("config"),
        idempotent=columns.flag("idempotent", False),
        rate_bucket=columns.text_or_none("rate_bucket"),
        scan=columns.document_or_none("scan"),
        source=columns.text("source"),
        annotations=columns.document("annotations"),
        schema_hash=columns.text("schema_hash"),
        status=columns.member("status", ToolStatus, ToolStatus.BLOCKED),
        drift=columns.texts("drift"),
        drifted_to=columns.text_or_none("drifted_to"),
        unreadable=columns.unreadable,
    )


def tool_row(tool: Tool) -> dict[str, Any]:
    """One element of what `worker_api.save_tools` takes."""
    return {name: value for name, value in as_row(tool).items() if name != "unreadable"}


def synced_from_row(row: Mapping[str, Any]) -> Synced:
    """One element of what `worker_api.sync_tools` returns."""
    return Synced(**{**row, "change": SyncChange(row["change"]), "drift": tuple(row["drift"])})


def decided_from_row(row: Mapping[str, Any]) -> Decided:
    """What `worker_api.decide_tool` returns."""
    return Decided(**row)
