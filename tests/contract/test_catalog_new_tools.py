"""A new tool is quarantined until a person accepts it, unless its source is trusted."""

from dataclasses import replace
from uuid import UUID

import pytest

from services.backends import Backends
from services.catalog import NEW, DecidedTool, SyncEntry, ToolDecision, ToolKey, ToolStatus
from services.catalog.rules import ToolRule
from services.envelope import Risk, Status
from services.errors import StateConflict
from services.sync_catalog import sync_catalog
from tests.builders import a_listing
from tests.contract.catalog import CHANGED, READ, SYSTEM, WRITE, accept, statuses, synced, told, waiting


async def test_a_tool_that_is_new_waits_for_a_person(backends: Backends, tenant: UUID) -> None:
    report = await synced(backends, tenant, READ, trusted=False)
    assert [(each.version, each.change, each.drift) for each in report.changes] == [("1", "new", (NEW,))]
    [new] = await backends.catalog.list_tools(tenant)
    assert (new.status, new.drift, new.is_new) == (ToolStatus.QUARANTINED, (NEW,), True)
    key = ToolKey(tenant, "FILES__read", None)
    assert (await backends.catalog.find([key]))[key].drifted_to == new.schema_hash
    before = await backends.catalog.list_tools(tenant)
    assert told(await synced(backends, tenant, READ, trusted=False)) == [("FILES__read", "1", "unchanged")]
    assert await backends.catalog.list_tools(tenant) == before


async def test_a_new_tool_that_is_accepted_is_called_and_changes_like_any_other(
    backends: Backends, tenant: UUID
) -> None:
    await synced(backends, tenant, READ, trusted=False)
    held = await waiting(backends, tenant)
    assert await accept(backends, tenant) == DecidedTool(version="1", envelopes=1)
    assert await statuses(backends.catalog, tenant) == [("FILES__read", "1", "active")]
    assert (await backends.outbox.get(tenant, held)).status is Status.PENDING
    assert told(await synced(backends, tenant, READ, trusted=False)) == [("FILES__read", "1", "unchanged")]
    assert told(await synced(backends, tenant, CHANGED, trusted=False)) == [("FILES__read", "2", "drifted")]


async def test_a_new_tool_that_is_rejected_stays_away_until_it_is_another(backends: Backends, tenant: UUID) -> None:
    await synced(backends, tenant, READ, trusted=False)
    held = await waiting(backends, tenant)
    await accept(backends, tenant, decision=ToolDecision.REJECTED)
    assert (await backends.outbox.get(tenant, held)).status is Status.REJECTED
    for trusted in (False, True):
        assert told(await synced(backends, tenant, READ, trusted=trusted)) == [("FILES__read", "1", "unchanged")]
    assert await statuses(backends.catalog, tenant) == [("FILES__read", "1", "rejected")]
    assert told(await synced(backends, tenant, CHANGED, trusted=True)) == [("FILES__read", "2", "new")]
    assert await statuses(backends.catalog, tenant) == [
        ("FILES__read", "2", "quarantined"), ("FILES__read", "1", "retired"),
    ]  # fmt: skip


async def test_a_new_tool_that_changes_while_it_waits_takes_its_envelopes_along(
    backends: Backends, tenant: UUID
) -> None:
    await synced(backends, tenant, READ, trusted=False)
    held = await waiting(backends, tenant)
    assert told(await synced(backends, tenant, CHANGED, trusted=False)) == [("FILES__read", "2", "new")]
    assert (await backends.outbox.get(tenant, held)).tool_version == "2"
    assert await accept(backends, tenant) == DecidedTool(version="2", envelopes=1)


async def test_a_source_that_is_trusted_later_lets_go_what_waited(backends: Backends, tenant: UUID) -> None:
    await synced(backends, tenant, READ, trusted=False)
    held = await waiting(backends, tenant)
    assert told(await synced(backends, tenant, READ, trusted=True)) == [("FILES__read", "1", "added")]
    assert await statuses(backends.catalog, tenant) == [("FILES__read", "1", "active")]
    assert (await backends.outbox.get(tenant, held)).status is Status.PENDING
    assert await backends.approvals.list_open(tenant) == []


async def test_trust_lets_in_what_is_new_and_nothing_that_changed(backends: Backends, tenant: UUID) -> None:
    await synced(backends, tenant, READ, trusted=False)
    await accept(backends, tenant)
    report = await synced(backends, tenant, CHANGED, WRITE, trusted=True)
    assert told(report) == [("FILES__read", "2", "drifted"), ("FILES__write", "1", "added")]


async def test_a_renamed_tool_waits_and_is_named_beside_what_went(backends: Backends, tenant: UUID) -> None:
    await synced(backends, tenant, READ, WRITE)
    report = await synced(backends, tenant, replace(READ, name="get"), WRITE, trusted=False)
    assert [(each.tool_slug, each.change, each.drift) for each in report.changes] == [
        ("FILES__get", "new", (NEW, "removed by the same listing: FILES__read")),
        ("FILES__write", "unchanged", ()),
        ("FILES__read", "removed", ()),
    ]
    assert await statuses(backends.catalog, tenant) == [
        ("FILES__get", "1", "quarantined"), ("FILES__read", "1", "removed"), ("FILES__write", "1", "active"),
    ]  # fmt: skip


async def test_a_new_tool_that_goes_before_anybody_looked_goes_on_waiting(backends: Backends, tenant: UUID) -> None:
    await synced(backends, tenant, READ, WRITE, trusted=False)
    held = await waiting(backends, tenant)
    assert told(await synced(backends, tenant, WRITE, trusted=False)) == [("FILES__write", "1", "unchanged")]
    assert (await backends.outbox.get(tenant, held)).status is Status.AWAITING_APPROVAL
    await synced(backends, tenant, READ, WRITE, trusted=False)
    assert await accept(backends, tenant) == DecidedTool(version="1", envelopes=1)


async def test_what_the_operator_says_of_a_tool_that_waits_is_what_a_person_accepts(
    backends: Backends, tenant: UUID
) -> None:
    await synced(backends, tenant, WRITE, trusted=False)
    listing = a_listing(WRITE, rules={"FILES__*": ToolRule(risk=Risk.HIGH)})
    await sync_catalog(backends, tenant, listing, actor=SYSTEM)
    await accept(backends, tenant, "FILES__write")
    [tool] = await backends.catalog.list_tools(tenant)
    assert (tool.status, tool.risk) == (ToolStatus.ACTIVE, Risk.HIGH)


async def test_a_new_tool_of_another_source_keeps_its_slug(backends: Backends, tenant: UUID) -> None:
    await synced(backends, tenant, READ, trusted=False)
    with pytest.raises(StateConflict, match="FILES__read belongs to mcp files"):
        await sync_catalog(backends, tenant, a_listing(READ, source="FILES"), actor=SYSTEM)
    row = a_listing(READ, source="FILES").rows[0]
    with pytest.raises(StateConflict, match="FILES__read belongs to mcp files"):
        await backends.catalog.sync(
            tenant, provider="mcp", source="FILES", tools=[SyncEntry(tool=replace(row, tenant_id=tenant))], actor=SYSTEM
        )
