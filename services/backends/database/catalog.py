"""Read, sync and change the catalog in the database."""

from collections.abc import Iterable, Sequence
from uuid import UUID

from services.backends.functions import Functions, by
from services.backends.rows.catalog import decided_from_row, synced_from_row, tool_from_row, tool_row
from services.catalog import DecidedTool, SyncedTool, SyncEntry, Tool, ToolDecision, ToolKey
from services.envelope import Actor


class DatabaseCatalog:
    """See `services.catalog.Catalog`."""

    def __init__(self, functions: Functions) -> None:
        self._functions = functions

    async def list_tools(self, tenant: UUID) -> list[Tool]:
        return [tool_from_row(row) for row in await self._functions.call("list_tools", tenant=tenant)]

    async def find(self, keys: Iterable[ToolKey]) -> dict[ToolKey, Tool]:
        unique_keys = list(dict.fromkeys(keys))
        rows = await self._functions.call("find_tools", keys=[key._asdict() for key in unique_keys])
        return {unique_keys[row["asked"] - 1]: tool_from_row(row["tool"]) for row in rows}

    async def save(self, tools: Sequence[Tool], *, actor: Actor) -> None:
        rows = [tool_row(tool) for tool in tools]
        await self._functions.call("save_tools", tools=rows, **by(actor), as_of=self._functions.as_of())

    async def sync(
        self, tenant: UUID, *, provider: str, source: str, tools: Sequence[SyncEntry], actor: Actor
    ) -> list[SyncedTool]:
        rows = [
            {**tool_row(entry.tool), "since": entry.since, "trusted": entry.trusted, "former": entry.former}
            for entry in tools
        ]
        changes = await self._functions.call(
            "sync_tools", tenant=tenant, provider=provider, source=source, tools=rows, **by(actor),
            as_of=self._functions.as_of(),
        )  # fmt: skip
        return [synced_from_row(row) for row in changes]

    async def decide(
        self,
        tenant: UUID,
        tool_slug: str,
        *,
        decision: ToolDecision,
        schema_hash: str,
        actor: Actor,
        reason: str | None = None,
    ) -> DecidedTool:
        row = await self._functions.call(
            "decide_tool", tenant=tenant, tool_slug=tool_slug, decision=decision, schema_hash=schema_hash,
            **by(actor), reason=reason, as_of=self._functions.as_of(),
        )  # fmt: skip
        return decided_from_row(row)
