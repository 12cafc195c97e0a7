"""The catalog in memory."""

from collections.abc import Iterable, Sequence
from uuid import UUID

from services.backends.memory.state import State
from services.backends.memory.worker_api.decide_tool import decide_tool
from services.backends.memory.worker_api.find_tools import find_tools
from services.backends.memory.worker_api.list_tools import list_tools
from services.backends.memory.worker_api.save_tools import save_tools
from services.backends.memory.worker_api.sync_tools import sync_tools
from services.catalog import DecidedTool, SyncedTool, SyncEntry, Tool, ToolDecision, ToolKey
from services.envelope import Actor


class MemoryCatalog:
    """See `services.catalog.Catalog`."""

    def __init__(self, state: State) -> None:
        self._state = state

    async def list_tools(self, tenant: UUID) -> list[Tool]:
        return list_tools(self._state, tenant)

    async def find(self, keys: Iterable[ToolKey]) -> dict[ToolKey, Tool]:
        return find_tools(self._state, keys)

    async def save(self, tools: Sequence[Tool], *, actor: Actor) -> None:
        save_tools(self._state, tools, actor=actor)

    async def sync(
        self, tenant: UUID, *, provider: str, source: str, tools: Sequence[SyncEntry], actor: Actor
    ) -> list[SyncedTool]:
        return sync_tools(self._state, tenant, provider=provider, source=source, tools=tools, actor=actor)

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
        return decide_tool(
            self._state, tenant, tool_slug, decision=decision, schema_hash=schema_hash, actor=actor, reason=reason
        )
