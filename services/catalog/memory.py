"""The catalog in memory."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, replace
from typing import Any
from uuid import UUID

from services.catalog import Tool, ToolKey
from services.catalog.rows import tool_from_row
from services.envelope import Risk
from services.errors import InvalidInput
from services.memory.audit import audit_change
from services.memory.jsonb import stored
from services.memory.state import State


class MemoryCatalog:
    """See `services.catalog.Catalog`."""

    def __init__(self, state: State) -> None:
        self._state = state

    async def list_tools(self, tenant: UUID) -> list[Tool]:
        numbered = [row for row in self._state.tools.values() if row[1].tenant_id == tenant]
        return [tool for _, tool in sorted(numbered, key=lambda row: (row[1].tool_slug, -row[0]))]

    async def find(self, keys: Iterable[ToolKey]) -> dict[ToolKey, Tool]:
        return {key: found for key in keys if (found := await self._find(key)) is not None}

    async def save(self, tools: Sequence[Tool], *, by: str) -> None:
        with self._state.change() as now:
            latest: dict[tuple[UUID, str, str], Tool] = {}
            for tool in tools:  # of the same entry twice the last counts, in the last one's place
                key = (tool.tenant_id, tool.tool_slug, tool.version)
                latest.pop(key, None)
                latest[key] = tool
            for key, tool in sorted(latest.items(), key=lambda item: item[0][:2]):
                _check(tool)
                self._state.require_tenant(tool.tenant_id)
                before = self._state.tools.get(key)
                number = before[0] if before else len(self._state.tools) + 1
                kept = tool_from_row(stored(asdict(tool)))
                self._state.tools[key] = (number, kept)
                audit_change(
                    self._state, "tool_catalog", tenant=tool.tenant_id, by=by, now=now,
                    before=_row(*before) if before else None, after=_row(number, kept),
                )  # fmt: skip

    async def _find(self, key: ToolKey) -> Tool | None:
        newest_first = await self.list_tools(key.tenant_id)
        named = [tool for tool in newest_first if tool.tool_slug == key.tool_slug]
        return next((tool for tool in named if key.version in {None, tool.version}), None)


def _check(tool: Tool) -> None:
    allowed = {"risk": tool.risk in set(Risk), "tool_slug": tool.tool_slug != "", "version": tool.version != ""}
    for field, is_allowed in allowed.items():
        if not is_allowed:
            raise InvalidInput(field, "breaks its rule (too long, empty, or not one of the allowed values)")


def _row(number: int, tool: Tool) -> dict[str, Any]:
    return {"id": number, **asdict(replace(tool, risk=Risk(tool.risk)))}
