"""Convert catalog entries from and to JSON rows.

`jsonb` sorts the keys of an object, so a row also keeps in which order the schema lists the arguments.
"""

import json
from collections.abc import Mapping
from dataclasses import replace
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
ARGUMENT_ORDER = "argument_order"
"""A field of `config` in stored rows: the names of the arguments in the order of the schema."""
MAX_ORDER_LENGTH = 8192
"""The most characters of the field ARGUMENT_ORDER. For longer lists of names the order is not stored, because `config`
has a size limit."""


def tool_from_row(row: Mapping[str, Any]) -> Tool:
    """A Tool from a row of `tool_catalog`, with the properties of its schema in their order."""
    tool = TOOL_READER.read(row)
    if ARGUMENT_ORDER not in tool.config:
        return tool
    names, properties = tool.config[ARGUMENT_ORDER], tool.schema.get("properties")
    config = {name: value for name, value in tool.config.items() if name != ARGUMENT_ORDER}
    if not isinstance(names, list) or not isinstance(properties, Mapping):
        return replace(tool, config=config)
    known = [name for name in names if isinstance(name, str) and name in properties]
    ordered = {name: properties[name] for name in [*known, *properties]}
    return replace(tool, config=config, schema={**tool.schema, "properties": ordered})


def tool_row(tool: Tool) -> dict[str, Any]:
    """One element of the argument `tools` of `worker_api.save_tools` and `worker_api.sync_tools`."""
    left_out = {"unreadable", "subscription_id", "stamp"}
    row = {name: value for name, value in as_row(tool).items() if name not in left_out}
    schema, config = row["schema"], row["config"]  # written by a person, so perhaps not JSON objects
    properties = schema.get("properties") if isinstance(schema, Mapping) else None
    names = list(properties) if isinstance(properties, Mapping) else []
    if len(names) > 1 and len(json.dumps(names)) <= MAX_ORDER_LENGTH and isinstance(config, Mapping):
        row["config"] = {**config, ARGUMENT_ORDER: names}
    return row


def synced_from_row(row: Mapping[str, Any]) -> SyncedTool:
    """A SyncedTool from a row that `worker_api.sync_tools` returns."""
    return SyncedTool(**{**row, "change": SyncChange(row["change"]), "drift": tuple(row["drift"])})


def decided_from_row(row: Mapping[str, Any]) -> DecidedTool:
    """A DecidedTool from the row that `worker_api.decide_tool` returns."""
    return DecidedTool(**row)
