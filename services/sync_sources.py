"""Sync sources with the catalogs of many tenants. A failure of one source or tenant does not stop the others."""

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any
from uuid import UUID

from services.backends import Backends
from services.catalog.definition import Listing, read_listing
from services.catalog.rules import ToolRule
from services.envelope import Actor
from services.errors import concerns_one_tenant
from services.sync_catalog import Source, SyncReport, list_sources, sync_catalog
from services.tools.registry import PROVIDERS
from services.tools.spec import ProviderSpec

if TYPE_CHECKING:
    from services.tools.dispatch import Tools


@dataclass(frozen=True, slots=True, kw_only=True)
class SyncFailure:
    """An error that affects only one source, or only one tenant's catalog."""

    source: Source | None
    """None if the tenant's catalog could not be read."""
    tenant_id: UUID | None
    """None if the source could not be read."""
    error: Exception
    """A ControlPlaneError, or an error of another type if a bug of ours caused it."""


SyncResult = tuple[Source, SyncReport] | SyncFailure


async def sync_known_sources(
    backends: Backends,
    tools: "Tools",
    tenants: Iterable[UUID],
    is_selected: Callable[[Source], bool],
    *,
    rules: Mapping[str, ToolRule],
    trusted_sources: Collection[str],
    actor: Actor,
) -> AsyncIterator[SyncResult]:
    """Sync the selected sources of these tenants' catalogs.

    Yields a failure for each catalog that cannot be read, then the results of each source.
    """
    known, failures = await sources_in_catalogs(backends, tenants)
    for failure in failures:
        yield failure
    selected = {source: known[source] for source in sorted(known) if is_selected(source)}
    async for result in sync_sources(
        backends, tools, selected, rules=rules, trusted_sources=trusted_sources, actor=actor
    ):
        yield result


async def sync_sources(
    backends: Backends,
    tools: "Tools",
    sources: Mapping[Source, Sequence[UUID]],
    *,
    rules: Mapping[str, ToolRule],
    trusted_sources: Collection[str],
    actor: Actor,
    may_be_empty: bool = False,
) -> AsyncIterator[SyncResult]:
    """Sync every source with the catalogs of its tenants. Each source is listed once for all its tenants.

    Yields at least one result per source: a report or a failure for each tenant, or one failure of the source.
    """
    for source, tenants in sources.items():
        provider, name = source
        try:
            listed_tools = await tools.list_tools(provider, name)
            # In a thread, because checking many schemas takes long and leases must be renewed meanwhile.
            listing = await asyncio.to_thread(read_listing, listed_tools, provider=provider, source=name, rules=rules)
            listing = _limited_by(PROVIDERS[provider], listing)
        except Exception as exc:  # an error of one source, even a bug of ours, must not stop the others
            yield SyncFailure(source=source, tenant_id=None, error=exc)
            continue
        for tenant in tenants:
            try:
                report = await sync_catalog(
                    backends, tenant, listing, actor=actor, trusted=name in trusted_sources, may_be_empty=may_be_empty
                )
            except Exception as exc:  # a bug of ours that the rows of one tenant reveal must not stop the others
                yield SyncFailure(source=source, tenant_id=tenant, error=exc)
                continue
            yield source, report


def _limited_by(spec: ProviderSpec[Any], listing: Listing) -> Listing:
    """The listing without features of tools that the provider does not support."""
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
    """The sources of these tenants' catalogs, each with its tenants; and the catalogs that could not be read."""
    tenants_by_source: defaultdict[Source, list[UUID]] = defaultdict(list)
    failures: list[SyncFailure] = []
    for tenant in tenants:
        try:
            for source in list_sources(await backends.catalog.list_tools(tenant)):
                tenants_by_source[source].append(tenant)
        except Exception as exc:  # any error: a bug of ours that the rows of one tenant reveal must not stop the others
            if not concerns_one_tenant(exc):
                raise
            failures.append(SyncFailure(source=None, tenant_id=tenant, error=exc))
    return dict(tenants_by_source), failures
