"""Read what a source offers now, and bring a tenant's catalog up to it."""

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any
from uuid import UUID

from services.backends import Backends
from services.catalog import ACCEPTED, NEW, SyncedTool, SyncEntry, Tool, ToolStatus
from services.catalog.definition import Listing, RefusedTool, changes_between, read_listing, stored_definition
from services.catalog.rules import ToolRule
from services.catalog.schema_order import sort_schema_sets
from services.envelope import Actor, Risk
from services.errors import NotFound, NothingListed, StateConflict, concerns_one_tenant
from services.tools.registry import PROVIDERS
from services.tools.spec import ProviderSpec

if TYPE_CHECKING:
    from services.tools.dispatch import Tools

MOST_VANISHED = 5
"""Slugs that a line of drift names."""
Source = tuple[str, str]
"""A provider, and where it finds tools."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SyncReport:
    """What a sync of one source did to one tenant's catalog."""

    tenant_id: UUID
    changes: tuple[SyncedTool, ...]
    refused: tuple[RefusedTool, ...]
    """Listed, and not fit for a catalog; one that was there before counts as removed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SyncFailure:
    """What kept a source, or one tenant's catalog, from being read or synced; it is no other's."""

    source: str | None
    """None where a catalog could not be read."""
    tenant_id: UUID | None
    """None where the source itself is at fault."""
    error: Exception
    """A ControlPlaneError, or a bug."""


async def sync_sources(
    backends: Backends,
    tools: "Tools",
    sources: Mapping[Source, Sequence[UUID]],
    *,
    rules: Mapping[str, ToolRule],
    trusted_sources: Collection[str],
    actor: Actor,
    may_be_empty: bool = False,
) -> AsyncIterator[tuple[str, SyncReport] | SyncFailure]:
    """Sync every source with the catalogs of its tenants: one listing per source serves them all.

    Yields the source with each tenant's report as it is done, or what kept it; nobody's trouble stops another.
    """
    for (provider, source), owners in sources.items():
        try:
            listed = await tools.list_tools(provider, source)
            # In a thread: many schemas take a while to check, and leases are renewed meanwhile.
            listing = await asyncio.to_thread(read_listing, listed, provider=provider, source=source, rules=rules)
            listing = _limited_by(PROVIDERS[provider], listing)
        except Exception as exc:  # a bug that one source wakes must not take the others along
            yield SyncFailure(source=source, tenant_id=None, error=exc)
            continue
        for owner in owners:
            try:
                report = await sync_catalog(
                    backends, owner, listing, actor=actor, trusted=source in trusted_sources, may_be_empty=may_be_empty
                )
            except Exception as exc:  # nor one tenant's rows
                yield SyncFailure(source=source, tenant_id=owner, error=exc)
                continue
            yield source, report


def _limited_by(spec: ProviderSpec[Any], listing: Listing) -> Listing:
    """The listing, in which no tool is said to do what its provider cannot do."""
    rows = tuple(
        replace(
            row,
            idempotent=row.idempotent and spec.sends_idempotency_key,
            scan=row.scan if spec.can_scan else None,
        )
        for row in listing.rows
    )
    return replace(listing, rows=rows)


async def sources_in_catalogs(
    backends: Backends, tenants: Iterable[UUID]
) -> tuple[dict[Source, list[UUID]], list[SyncFailure]]:
    """Every source that these tenants' catalogs know, each with its tenants; and what kept some from being read."""
    owners: defaultdict[Source, list[UUID]] = defaultdict(list)
    troubles: list[SyncFailure] = []
    for tenant in tenants:
        try:
            for source in list_sources(await backends.catalog.list_tools(tenant)):
                owners[source].append(tenant)
        except Exception as exc:  # also a bug that one tenant's rows wake
            if not concerns_one_tenant(exc):
                raise
            troubles.append(SyncFailure(source=None, tenant_id=tenant, error=exc))
    return dict(owners), troubles


async def select_tenants(backends: Backends, tenant: UUID | None) -> list[UUID]:
    """This one, or every one. Raises NotFound where there is none."""
    if tenant is not None:
        return [(await backends.tenants.get(tenant)).id]
    owners = [each.id for each in await backends.tenants.list_tenants()]
    if not owners:
        raise NotFound("tenant", None, "there is no tenant yet")
    return owners


async def sync_catalog(
    backends: Backends,
    tenant: UUID,
    listing: Listing,
    *,
    actor: Actor,
    trusted: bool = False,
    may_be_empty: bool = False,
) -> SyncReport:
    """Upsert what is listed, quarantine what is new or changed, mark what is gone: see `worker_api.sync_tools`.

    Where the source is `trusted`, what is new may be called at once. Raises NotFound for an unknown tenant,
    StateConflict when somebody else changes the catalog at the same time or holds all of the slugs, NothingListed when
    nothing is listed where something was, unless it `may_be_empty`: a provider that forgot its tools for a moment must
    not hold everybody's envelopes.

    A tool that a person added becomes the source's. Left out are those of another source, and those of which that
    person asked more than the rules do.
    """
    provider, source = listing.provider, listing.source
    accepted: dict[str, Tool] = {}
    candidates: dict[str, Tool] = {}
    for tool in await backends.catalog.list_tools(tenant):  # the newest first
        if tool.status is not ToolStatus.RETIRED:
            (accepted if tool.status in ACCEPTED else candidates).setdefault(tool.tool_slug, tool)
    mine = [tool for tool in accepted.values() if (tool.provider, tool.source) == (provider, source)]
    if not listing.rows and not may_be_empty and any(tool.status is not ToolStatus.REMOVED for tool in mine):
        what = "no tool that can be kept" if listing.refused else "no tools any more"
        raise NothingListed(f"source: {source} lists {what}; nothing was changed")
    names = {row.tool_slug for row in listing.rows}
    vanished = [t.tool_slug for t in mine if t.tool_slug not in names and t.status is not ToolStatus.REMOVED]
    tools: list[SyncEntry] = []
    left: list[RefusedTool] = []
    for row in listing.rows:
        before = accepted.get(row.tool_slug)
        holder = before or candidates.get(row.tool_slug)
        why = None if holder is None else _why_left(holder, row)
        if why is not None:
            left.append(RefusedTool(name=row.tool_slug, why=why))
            continue
        given = replace(row, tenant_id=tenant)
        if before is None:
            listed = SyncEntry(tool=replace(given, drift=_new(vanished)), trusted=trusted)
        else:
            listed = SyncEntry(tool=_against(before, given), since=before.schema_hash)
        known = [each for each in (before, candidates.get(row.tool_slug)) if each is not None]
        tools.append(replace(listed, former=_former(listing.former[row.tool_slug], known, row)))
    if left and not tools:
        raise StateConflict("tool_slug", f"{left[0].name} {left[0].why}")
    changes = await backends.catalog.sync(tenant, provider=provider, source=source, tools=tools, actor=actor)
    return SyncReport(tenant_id=tenant, changes=tuple(changes), refused=(*listing.refused, *left))


def list_sources(tools: Iterable[Tool]) -> list[tuple[str, str]]:
    """Where these tools came from: provider and source, each once."""
    return sorted({(tool.provider, tool.source) for tool in tools if tool.source})


def undecided_tools(tools: Iterable[Tool]) -> list[Tool]:
    """What is new at its provider, or was changed by it, and waits for a person's word."""
    return [tool for tool in tools if tool.status is ToolStatus.QUARANTINED]


def _new(vanished: Sequence[str]) -> tuple[str, ...]:
    """With what went as it came: the same tool under another name, perhaps. A hint, no more."""
    if not vanished:
        return (NEW,)
    more = f" and {len(vanished) - MOST_VANISHED} more" if len(vanished) > MOST_VANISHED else ""
    return (NEW, f"offered no more in the same listing: {', '.join(sorted(vanished)[:MOST_VANISHED])}{more}")


def _against(accepted: Tool, row: Tool) -> Tool:
    """The row with what changed against the accepted version; another order of the same schema is no change."""
    if sort_schema_sets(accepted.schema) == sort_schema_sets(row.schema):
        row = replace(row, schema=accepted.schema)
    if accepted.schema_hash == row.schema_hash:
        return row
    drift = changes_between(stored_definition(accepted), stored_definition(row))
    return replace(row, drift=drift or ("description or title: changed behind what is kept",))


def _former(former: str, known: Sequence[Tool], row: Tool) -> str | None:
    """The former hash where a version of the catalog still has it, and none of them hid in results what the tool as it
    is listed would show. What else that hash did not cover counts as accepted, once."""
    hashed_so = [tool for tool in known if tool.schema_hash == former]
    hidden = [tool.config["output_schema"] for tool in hashed_so if tool.config.get("output_schema")]
    listed = sort_schema_sets(row.config.get("output_schema"))
    return former if hashed_so and all(sort_schema_sets(schema) == listed for schema in hidden) else None


def _why_left(before: Tool, row: Tool) -> str | None:
    """Why a sync leaves this tool of the catalog as it is."""
    if before.provider != row.provider or before.source not in {"", row.source}:
        return f"belongs to {f'{before.provider} {before.source}'.rstrip()}; sync under another name"
    loosened = [] if before.source else _loosened(before, row)
    if not loosened:
        return None
    return f"was added by a person with {', '.join(loosened)}: say so in ACP_CATALOG_RULES, else a sync would undo it"


def _loosened(by_hand: Tool, row: Tool) -> list[str]:
    """What a person asked of a tool, and a sync would not: each as it is by hand."""
    risks = list(Risk)
    told = {
        f"risk {by_hand.risk}": risks.index(Risk(row.risk)) < risks.index(Risk(by_hand.risk)),
        f"required scopes {', '.join(by_hand.required_scopes)}": not {*by_hand.required_scopes}
        <= {*row.required_scopes},
        f"rate bucket {by_hand.rate_bucket}": by_hand.rate_bucket not in {None, row.rate_bucket},
        "no idempotency": row.idempotent and not by_hand.idempotent,
        "a scan": by_hand.scan is not None and by_hand.scan != row.scan,
    }
    kept = {f"config.{name}": row.config.get(name) != value for name, value in by_hand.config.items()}
    return [name for name, is_lost in {**told, **kept}.items() if is_lost]
