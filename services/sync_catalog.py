"""Write the tools that a source offers now into the catalog of a tenant."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple
from uuid import UUID

from services.backends import Backends
from services.catalog import ACCEPTED_STATUSES, NEW_TOOL_DRIFT, SyncedTool, SyncEntry, Tool, ToolStatus
from services.catalog.definition import Listing, RefusedTool, changes_between, stored_definition
from services.catalog.schema_order import sort_schema_sets
from services.envelope import Actor, Risk
from services.errors import NotFound, NothingListed, StateConflict

MAX_REMOVED_SHOWN = 5
"""A message about drift names at most this many removed tools."""


class Source(NamedTuple):
    """Where a provider finds tools."""

    provider: str
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SyncReport:
    """The changes that the sync of one source made in one tenant's catalog."""

    tenant_id: UUID
    changes: tuple[SyncedTool, ...]
    refused: tuple[RefusedTool, ...]
    """Listed tools that were not saved: invalid ones, and those that the sync skips. An invalid tool that was in the
    catalog before counts as removed."""


async def select_tenants(backends: Backends, tenant: UUID | None) -> list[UUID]:
    """The id of this tenant, or the ids of all. Raises NotFound if there is no tenant."""
    if tenant is not None:
        return [(await backends.tenants.get(tenant)).id]
    tenants = [tenant.id for tenant in await backends.tenants.list_tenants()]
    if not tenants:
        raise NotFound("tenant", None, "there is no tenant yet")
    return tenants


async def sync_catalog(
    backends: Backends,
    tenant: UUID,
    listing: Listing,
    *,
    actor: Actor,
    trusted: bool = False,
    may_be_empty: bool = False,
) -> SyncReport:
    """Save the listed tools, quarantine new and changed ones, and mark the others of the source as removed.

    New tools of a `trusted` source may be called without acceptance. A listed tool that a person had added by hand
    belongs to the source from now on. Two kinds of tools are skipped: tools of another source, and tools that a person
    added with stricter settings than the operator's rules.

    Raises NotFound for an unknown tenant, and StateConflict if the catalog changes meanwhile or if every tool is
    skipped. Raises NothingListed if the source listed tools before and lists none now, because a short fault of the
    provider must not hold every envelope. With `may_be_empty` an empty list is accepted. `worker_api.sync_tools` makes
    the changes.
    """
    provider, source = listing.provider, listing.source
    accepted: dict[str, Tool] = {}
    candidates: dict[str, Tool] = {}
    for tool in await backends.catalog.list_tools(tenant):  # the newest version of a tool comes first
        if tool.status is not ToolStatus.RETIRED:
            (accepted if tool.status in ACCEPTED_STATUSES else candidates).setdefault(tool.tool_slug, tool)
    own_tools = [tool for tool in accepted.values() if (tool.provider, tool.source) == (provider, source)]
    if not listing.rows and not may_be_empty and any(tool.status is not ToolStatus.REMOVED for tool in own_tools):
        count = "no valid tool" if listing.refused else "no tools any more"
        raise NothingListed(f"source: {source} lists {count}; nothing was changed")
    slugs = {row.tool_slug for row in listing.rows}
    removed = [
        tool.tool_slug for tool in own_tools if tool.tool_slug not in slugs and tool.status is not ToolStatus.REMOVED
    ]
    entries: list[SyncEntry] = []
    skipped: list[RefusedTool] = []
    for row in listing.rows:
        before, candidate = accepted.get(row.tool_slug), candidates.get(row.tool_slug)
        known = [tool for tool in (before, candidate) if tool is not None]
        why_skipped = _why_skipped(known[0], row) if known else None
        if why_skipped is not None:
            skipped.append(RefusedTool(name=row.tool_slug, why=why_skipped))
            continue
        tool = replace(row, tenant_id=tenant)
        if before is None:
            entry = SyncEntry(tool=replace(tool, drift=_drift_of_new_tool(removed)), trusted=trusted)
        else:
            entry = SyncEntry(tool=_with_drift(before, tool), since=before.schema_hash)
        entries.append(replace(entry, former=_matching_former_hash(listing.former_hashes[row.tool_slug], known, row)))
    if skipped and not entries:
        raise StateConflict("tool_slug", f"{skipped[0].name} {skipped[0].why}")
    changes = await backends.catalog.sync(tenant, provider=provider, source=source, tools=entries, actor=actor)
    return SyncReport(tenant_id=tenant, changes=tuple(changes), refused=(*listing.refused, *skipped))


def list_sources(tools: Iterable[Tool]) -> list[Source]:
    """The provider and source of each tool, without duplicates."""
    return sorted({Source(tool.provider, tool.source) for tool in tools if tool.source})


def undecided_tools(tools: Iterable[Tool]) -> list[Tool]:
    """The tools that are new or changed at their provider, and that nobody has accepted or rejected."""
    return [tool for tool in tools if tool.status is ToolStatus.QUARANTINED]


def _drift_of_new_tool(removed: Sequence[str]) -> tuple[str, ...]:
    """The drift text of a new tool. It names the tools that the same sync removed: the new tool may be a renamed
    one."""
    if not removed:
        return (NEW_TOOL_DRIFT,)
    more = f" and {len(removed) - MAX_REMOVED_SHOWN} more" if len(removed) > MAX_REMOVED_SHOWN else ""
    return (NEW_TOOL_DRIFT, f"removed by the same listing: {', '.join(sorted(removed)[:MAX_REMOVED_SHOWN])}{more}")


def _with_drift(accepted: Tool, row: Tool) -> Tool:
    """The row with its differences from the accepted version. The order of `required`, `type` and `enum` is ignored."""
    if sort_schema_sets(accepted.schema) == sort_schema_sets(row.schema):
        row = replace(row, schema=accepted.schema)
    if accepted.schema_hash == row.schema_hash:
        return row
    drift = changes_between(stored_definition(accepted), stored_definition(row))
    return replace(row, drift=drift or ("description or title: changed after the part that is stored",))


def _matching_former_hash(former: str, known: Sequence[Tool], row: Tool) -> str | None:
    """`former` (the hash that an earlier release computed) if a known version still has this hash. Otherwise None.

    Also None if a known version has another output schema, because the output schema says what is secret in results.
    Differences in other parts that the former hash did not cover are accepted without a decision, once.
    """
    matching = [tool for tool in known if tool.schema_hash == former]
    output_schemas = [tool.config["output_schema"] for tool in matching if tool.config.get("output_schema")]
    listed = sort_schema_sets(row.config.get("output_schema"))
    return former if matching and all(sort_schema_sets(schema) == listed for schema in output_schemas) else None


def _why_skipped(before: Tool, row: Tool) -> str | None:
    """Why the sync skips this tool of the catalog. None if the sync may change the tool."""
    if before.provider != row.provider or before.source not in {"", row.source}:
        return f"belongs to {f'{before.provider} {before.source}'.rstrip()}; sync under another name"
    lost_settings = [] if before.source else _lost_settings(before, row)
    if not lost_settings:
        return None
    settings = ", ".join(lost_settings)
    return f"was added by a person with {settings}: set the same in ACP_CATALOG_RULES, or a sync would undo it"


def _lost_settings(manual: Tool, row: Tool) -> list[str]:
    """The settings, made by the person who added the tool, that the sync would undo."""
    risks = list(Risk)
    changes = {
        f"risk {manual.risk}": risks.index(Risk(row.risk)) < risks.index(Risk(manual.risk)),
        f"required scopes {', '.join(manual.required_scopes)}": not {*manual.required_scopes} <= {*row.required_scopes},
        f"rate bucket {manual.rate_bucket}": manual.rate_bucket not in {None, row.rate_bucket},
        "no idempotency": row.idempotent and not manual.idempotent,
        "a scan": manual.scan is not None and manual.scan != row.scan,
    }
    config_changes = {f"config.{name}": row.config.get(name) != value for name, value in manual.config.items()}
    return [name for name, is_lost in {**changes, **config_changes}.items() if is_lost]
