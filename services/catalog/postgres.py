"""The catalog over a direct connection."""

from collections.abc import Iterable, Sequence
from uuid import UUID

from services.catalog import Tool, ToolKey
from services.catalog.rows import tool_from_row, tool_row
from services.database.pool import Pool
from services.database.queries import read_queries

QUERIES = read_queries(__package__)


class PostgresCatalog:
    """See `services.catalog.Catalog`."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def list_tools(self, tenant: UUID) -> list[Tool]:
        return [tool_from_row(row) for row in await self._pool.rows(QUERIES["list_tools"], tenant)]

    async def find(self, keys: Iterable[ToolKey]) -> dict[ToolKey, Tool]:
        asked = list(dict.fromkeys(keys))
        rows = await self._pool.rows(
            "select jsonb_build_object('key', f.asked - 1, 'tool', f.tool) from worker_api.find_tools($1) as f",
            [key._asdict() for key in asked],
        )
        return {asked[row["key"]]: tool_from_row(row["tool"]) for row in rows}

    async def save(self, tools: Sequence[Tool], *, by: str) -> None:
        rows = [tool_row(tool) for tool in tools]
        await self._pool.value("select worker_api.save_tools($1, $2, $3)", rows, by, self._pool.as_of())
