"""Syncing sources with the catalogs of their tenants."""

from collections.abc import Sequence
from typing import Any, cast
from uuid import UUID

import pytest

from services.add_tenant import add_tenant
from services.backends import Backends
from services.catalog import ListedTool
from services.errors import NotFound, NotReady
from services.sync_catalog import Source, select_tenants
from services.sync_sources import SyncFailure, SyncResult, sources_in_catalogs, sync_known_sources, sync_sources
from tests.contract.catalog import READ
from tests.use_cases.actors import MARIA, OLGA, last_act


class Tools:
    """Lists one tool for every source but `away`."""

    async def list_tools(self, provider: str, source: str) -> Sequence[ListedTool]:
        assert provider == "mcp"
        if source == "away":
            raise NotReady("source: away does not answer")
        return [READ]


async def sync(backends: Backends, **sources: Sequence[UUID]) -> list[SyncResult]:
    tools, by_source = cast("Any", Tools()), {Source("mcp", name): tenants for name, tenants in sources.items()}
    return [
        result
        async for result in sync_sources(backends, tools, by_source, rules={}, trusted_sources={"files"}, actor=MARIA)
    ]


async def test_a_source_is_synced_for_each_of_its_tenants_and_a_failure_stops_no_other(
    backends: Backends, tenant: UUID
) -> None:
    other = (await add_tenant(backends, "Borealis", plan="standard", lanes=1, actor=OLGA)).id
    failure, first, second = await sync(backends, away=[tenant], files=[tenant, other])
    assert isinstance(failure, SyncFailure)
    assert (failure.source, failure.tenant_id, str(failure.error)) == (
        Source("mcp", "away"),
        None,
        "source: away does not answer",
    )
    assert not isinstance(first, SyncFailure)
    assert not isinstance(second, SyncFailure)
    assert [report.tenant_id for _, report in (first, second)] == [tenant, other]
    assert [change.change for change in first[1].changes] == ["added"]
    assert (await last_act(backends, other))[1:] == (MARIA.type, MARIA.id)


async def test_new_tools_of_a_source_that_is_not_trusted_need_acceptance(backends: Backends, tenant: UUID) -> None:
    [result] = await sync(backends, mail=[tenant])
    assert not isinstance(result, SyncFailure)
    assert [change.change for change in result[1].changes] == ["new"]


async def test_the_sources_of_catalogs_are_known_with_their_tenants(backends: Backends, tenant: UUID) -> None:
    await sync(backends, files=[tenant])
    assert await sources_in_catalogs(backends, [tenant]) == ({("mcp", "files"): [tenant]}, [])


async def test_only_the_selected_sources_of_the_catalogs_are_synced(backends: Backends, tenant: UUID) -> None:
    await sync(backends, files=[tenant], mail=[tenant])
    results = sync_known_sources(
        backends, cast("Any", Tools()), [tenant], lambda source: source.name == "mail", rules={}, trusted_sources=(),
        actor=MARIA,
    )  # fmt: skip
    assert [result[0] async for result in results if not isinstance(result, SyncFailure)] == [Source("mcp", "mail")]


async def test_without_a_tenant_every_tenant_is_selected(backends: Backends) -> None:
    with pytest.raises(NotFound):
        await select_tenants(backends, None)
    acme = await add_tenant(backends, "Acme", plan="standard", lanes=1, actor=OLGA)
    borealis = await add_tenant(backends, "Borealis", plan="standard", lanes=1, actor=OLGA)
    assert await select_tenants(backends, None) == [acme.id, borealis.id]
    assert await select_tenants(backends, borealis.id) == [borealis.id]
