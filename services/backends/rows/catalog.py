"""Convert catalog entries from and to JSON rows."""

from collections.abc import Mapping
from typing import Any

from services.backends.rows.reading import Reader
from services.backends.rows.written import as_row
from services.catalog import DecidedTool, SyncChange, SyncedTool, Tool, ToolStatus
from services.envelope import Risk

TOOL_READER = Reader(
    Tool, tool_slug="", version="", display_name="", description="", risk=Risk.HIGH, schema={}, required_scopes=(),
    provider="", config={}, idempotent=False, rate_bucket=None, scan=None, source="", annotations={}, schema_hash="",
    status=ToolStatus.BLOCKED, drift=(), drifted_to=None,
)  # fmt: skip
tool_from_row = TOOL_READER.read
"""A Tool from a row of `tool_catalog`."""


def tool_row(tool: Tool) -> dict[str, Any]:
    """One element of the argument `tools` of `worker_api.save_tools` and `worker_api.sync_tools`."""
    left_out = {"unreadable", "subscription_id", "stamp"}
    return {name: value for name, value in as_row(tool).items() if name not in left_out}


def synced_from_row(row: Mapping[str, Any]) -> SyncedTool:
    """A SyncedTool from a row that `worker_api.sync_tools` returns."""
    return SyncedTool(**{**row, "change": SyncChange(row["change"]), "drift": tuple(row["drift"])})


def decided_from_row(row: Mapping[str, Any]) -> DecidedTool:
    """A DecidedTool from the row that `worker_api.decide_tool` returns."""
    return DecidedTool(**row)
