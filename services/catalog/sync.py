"""Read what a source offers now, and bring a tenant's catalog up to it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from services.backends import Backends
from services.catalog import ACCEPTED, Synced, Tool, ToolStatus
from services.catalog.definition import Refused, changes_between, kept_definition, rows_of
from services.catalog.rules import ToolRule
from services.envelope import Actor
from services.errors import NotReady
from services.tools import ListedTool


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What a sync of one source did to one tenant's catalog."""

    tenant_id: UUID
    changes: tuple[Synced, ...]
    refused: tuple[Refused, ...]
    """Listed, and not fit for a catalog; one that was there before counts as removed."""


async def sync(
    backends: Backends,
    tenant: UUID,
    listed: Sequence[ListedTool],
    *,
    provider: str,
    source: str,
    rules: Mapping[str, ToolRule],
    actor: Actor,
    may_be_empty: bool = False,
) -> Report:
    """Upsert what is listed, quarantine what changed, mark what is gone: see `worker_api.sync_tools`.

    Raises NotFound for an unknown tenant, StateConflict when somebody else changes the catalog at the same time or
    holds one of the slugs, NotReady when nothing is listed where something was, unless it `may_be_empty`: a provider
    that forgot its tools for a moment must not end everybody's envelopes.
    """
    rows, refused = rows_of(listed, tenant=tenant, provider=provider, source=source, rules=rules)
    accepted: dict[str, Tool] = {}
    for tool in await backends.catalog.list_tools(tenant):  # the newest first
        if tool.status in ACCEPTED:
            accepted.setdefault(tool.tool_slug, tool)
    mine = [tool for tool in accepted.values() if (tool.provider, tool.source) == (provider, source)]
    if not listed and not may_be_empty and any(tool.status is not ToolStatus.REMOVED for tool in mine):
        raise NotReady(f"source: {source} lists no tools any more; nothing was changed (catalog sync --empty means it)")
    changes = await backends.catalog.sync(
        tenant,
        provider=provider,
        source=source,
        tools=[replace(row, drift=_drift(accepted.get(row.tool_slug), row)) for row in rows],
        since={slug: tool.schema_hash for slug, tool in accepted.items()},
        actor=actor,
    )
    return Report(tenant_id=tenant, changes=tuple(changes), refused=tuple(refused))


def sources_of(tools: Iterable[Tool]) -> list[tuple[str, str]]:
    """Where these tools came from: provider and source, each once."""
    return sorted({(tool.provider, tool.source) for tool in tools if tool.source})


def undecided(tools: Iterable[Tool]) -> list[Tool]:
    """What was changed by its provider and waits for a person's word."""
    return [tool for tool in tools if tool.status is ToolStatus.QUARANTINED]


def _drift(accepted: Tool | None, row: Tool) -> tuple[str, ...]:
    if accepted is None or accepted.schema_hash == row.schema_hash:
        return ()
    return changes_between(kept_definition(accepted), kept_definition(row)) or (
        "description: changed behind what is kept",
    )
