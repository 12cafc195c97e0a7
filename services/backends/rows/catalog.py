"""Catalog entries as JSON rows."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from services.backends.rows.reading import Reader
from services.catalog import Decided, Synced, Tool, ToolStatus
from services.envelope import Risk

TOOL = Reader(
    Tool, tool_slug="", version="", display_name="", description="", risk=Risk.HIGH, schema={}, required_scopes=(),
    provider="", config={}, idempotent=False, rate_bucket=None, scan=None, source="", annotations={}, schema_hash="",
    status=ToolStatus.BLOCKED, drift=(), drifted_to=None,
)  # fmt: skip
"""From a row of `tool_catalog`."""
tool_from_row = TOOL.read


def tool_row(tool: Tool) -> dict[str, Any]:
    """One element of what `worker_api.save_tools` takes."""
    return {name: value for name, value in asdict(tool).items() if name != "unreadable"}


def synced_from_row(row: Mapping[str, Any]) -> Synced:
    """One element of what `worker_api.sync_tools` returns."""
    return Synced(**{**row, "drift": tuple(row["drift"])})


def decided_from_row(row: Mapping[str, Any]) -> Decided:
    """What `worker_api.decide_tool` returns."""
    return Decided(**row)
