"""Insert or replace catalog entries that a person wrote."""

from collections.abc import Sequence
from dataclasses import replace
from uuid import UUID

from services.backends.memory.catalog import write_tool
from services.backends.memory.check_texts import actor_texts, check_texts
from services.backends.memory.state import State
from services.backends.rows.written import as_row
from services.catalog import Tool
from services.envelope import Actor, Risk
from services.errors import InvalidInput
from services.jsonb import as_stored

SYNCED_COLUMNS = ("source", "annotations", "schema_hash", "status", "drift")
"""Columns that only a sync writes."""
TOOL_DEFAULTS = Tool(tenant_id=UUID(int=0), tool_slug="", version="", provider="")


def save_tools(state: State, tools: Sequence[Tool], *, actor: Actor) -> None:
    """See `services.catalog.Catalog.save`."""
    check_texts(**actor_texts(actor))
    with state.change() as now:
        latest: dict[tuple[UUID, str, str], Tool] = {}
        for tool in tools:  # of several entries with the same key only the last one is saved, at its position
            key = (tool.tenant_id, tool.tool_slug, tool.version)
            latest.pop(key, None)
            latest[key] = tool
        for key, tool in sorted(latest.items(), key=lambda item: item[0][:2]):
            as_stored(as_row(tool))  # raises if JSON cannot represent a value, even in a column that is not written
            _check_columns(tool)
            state.require_tenant(tool.tenant_id)
            before = state.tools.get(key)
            synced = {name: getattr(before[1] if before else TOOL_DEFAULTS, name) for name in SYNCED_COLUMNS}
            write_tool(state, replace(tool, **synced), by=actor, now=now)


def _check_columns(tool: Tool) -> None:
    allowed = {"risk": tool.risk in set(Risk), "tool_slug": tool.tool_slug != "", "version": tool.version != ""}
    for field, is_allowed in allowed.items():
        if not is_allowed:
            raise InvalidInput(field, "is too long, empty, or not one of the allowed values")
