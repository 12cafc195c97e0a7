"""The catalog in the database."""

from collections.abc import Iterable, Sequence
from uuid import UUID

from services.catalog import Tool, ToolKey
from services.catalog.rows import tool_from_row, tool_row
from services.database.functions import Functions


class DatabaseCatalog:
    """See `services.catalog.Catalog`."""

    def __init__(self, functions: Functions) -> None:
        self._functions = functions

    async def list_tools(self, tenant: UUID) -> list[Tool]:
        return [tool_from_row(row) for row in await self._functions.call("list_tools", tenant=tenant)]

    async def find(self, keys: Iterable[ToolKey]) -> dict[ToolKey, Tool]:
        asked = list(dict.fromkeys(keys))
        rows = await self._functions.call("find_tools", keys=[key._asdict() for key in asked])
        return {asked[row["asked"] - 1]: tool_from_row(row["tool"]) for row in rows}

    async def save(self, tools: Sequence[Tool], *, by: str) -> None:
        rows = [tool_row(tool) for tool in tools]
        await self._functions.call("save_tools", tools=rows, actor_id=by, as_of=self._functions.as_of())
