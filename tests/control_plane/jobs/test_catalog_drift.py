"""Drift is found in every source and tenant, even if other sources or tenants fail."""

from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest

from control_plane.jobs import (
    catalog_drift,
    dlq_gauge,
)
from control_plane.jobs.metrics import REGISTRY
from services.catalog import ListedTool, SyncedTool, Tool, ToolStatus
from services.errors import NotReady, StateConflict
from services.sync_catalog import undecided_tools
from tests.control_plane.jobs.world import LIST, SEND, World


async def test_drift_is_found_counted_and_quarantined(world: World) -> None:
    world.mail.listing = [replace(LIST, schema={"type": "object", "required": ["folder"]}), SEND]
    status, counts, error = await world.run(catalog_drift.JOB)
    assert (status, counts, error) == (
        "succeeded", {"sources": 1, "new": 0, "drifted": 2, "removed": 0, "refused": 0, "failed": 0}, None,
    )  # fmt: skip
    await world.run(dlq_gauge.JOB)
    assert REGISTRY.get_sample_value("catalog_quarantined", {"tenant": str(world.acme)}) == 1
    row = (await world.backends.audit_log.tail(world.acme, limit=1))[0].entry
    assert (row.category, row.actor.id) == ("tool_catalog.drifted", "catalog_drift")


async def test_an_error_for_one_tenant_hides_no_drift_of_another(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    first, second = [tenant.id for tenant in await world.backends.tenants.list_tenants()]
    changed = replace(LIST, schema={"type": "object", "required": ["folder"]})
    world.mail.listing = [changed, SEND]
    sync_of = world.backends.catalog.sync

    async def syncing(tenant: UUID, **kwargs: Any) -> list[SyncedTool]:
        if tenant == first:
            raise StateConflict("source", "the catalog changed while mail was read; sync again")
        return await sync_of(tenant, **kwargs)

    monkeypatch.setattr(world.backends.catalog, "sync", syncing)
    status, counts, error = await world.run(catalog_drift.JOB)
    assert (status, counts["drifted"], counts["failed"]) == ("failed", 1, 1)
    assert error == f"mail: tenant {first}: source: the catalog changed while mail was read; sync again"
    drifted = {
        tool.status for tool in await world.backends.catalog.list_tools(second) if tool.tool_slug == "MAIL__list"
    }
    assert ToolStatus.QUARANTINED in drifted


async def test_an_unreadable_catalog_hides_no_drift_of_another(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    first, second = [tenant.id for tenant in await world.backends.tenants.list_tenants()]
    world.mail.listing = [replace(LIST, description="Lists mail. And more."), SEND]
    list_tools = world.backends.catalog.list_tools

    async def listing(tenant: UUID) -> list[Tool]:
        if tenant == first:
            raise StateConflict("schema", "cannot be read")
        return await list_tools(tenant)

    monkeypatch.setattr(world.backends.catalog, "list_tools", listing)
    status, counts, error = await world.run(catalog_drift.JOB)
    assert (status, counts["drifted"], counts["failed"]) == ("failed", 1, 1)
    assert error == f"tenant {first}: schema: cannot be read"
    assert [tool.tool_slug for tool in undecided_tools(await list_tools(second))] == ["MAIL__list"]


@pytest.mark.parametrize(
    ("listing", "said"),
    [
        (NotReady("MCP server 'mail' did not list its tools within 30 s"), "did not list its tools within 30 s"),
        ([LIST, LIST, SEND], "mail: skipped list: two tools have this name"),
        ([replace(LIST, schema={"type": "no such"}), SEND], "mail: skipped list: its schema is not a JSON Schema"),
    ],
)
async def test_a_failing_source_fails_the_run_with_its_error(
    world: World, listing: list[ListedTool] | Exception, said: str
) -> None:
    world.mail.listing = listing
    status, _, error = await world.run(catalog_drift.JOB)
    assert status == "failed"
    assert said in str(error)
