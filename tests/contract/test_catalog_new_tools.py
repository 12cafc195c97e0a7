"""A new tool is quarantined until a person accepts it, unless its source is trusted."""

from dataclasses import replace
from uuid import UUID

import pytest

from services.backends import Backends
from services.catalog import NEW_TOOL_DRIFT, DecidedTool, SyncEntry, ToolDecision, ToolKey, ToolStatus
from services.catalog.rules import ToolRule
from services.envelope import Risk, Status
from services.errors import StateConflict
from services.sync_catalog import sync_catalog
from tests.builders import a_listing
from tests.contract.catalog import (
    CHANGED,
    READ,
    SYSTEM,
    WRITE,
    accept,
    an_envelope_awaiting_approval,
    changes_of,
    statuses,
    sync_tools,
)


async def test_a_new_tool_is_quarantined_until_a_person_decides(backends: Backends, tenant: UUID) -> None:
    report = await sync_tools(backends, tenant, READ, trusted=False)
    assert [(change.version, change.change, change.drift) for change in report.changes] == [
        ("1", "new", (NEW_TOOL_DRIFT,))
    ]
    [new] = await backends.catalog.list_tools(tenant)
    assert (new.status, new.drift, new.is_new) == (ToolStatus.QUARANTINED, (NEW_TOOL_DRIFT,), True)
    key = ToolKey(tenant, "FILES__read", None)
    assert (await backends.catalog.find([key]))[key].drifted_to == new.schema_hash
    before = await backends.catalog.list_tools(tenant)
    assert changes_of(await sync_tools(backends, tenant, READ, trusted=False)) == [("FILES__read", "1", "unchanged")]
    assert await backends.catalog.list_tools(tenant) == before


async def test_an_accepted_new_tool_is_active_and_its_later_change_is_drift(backends: Backends, tenant: UUID) -> None:
    await sync_tools(backends, tenant, READ, trusted=False)
    held = await an_envelope_awaiting_approval(backends, tenant)
    assert await accept(backends, tenant) == DecidedTool(version="1", envelopes=1)
    assert await statuses(backends.catalog, tenant) == [("FILES__read", "1", "active")]
    assert (await backends.outbox.get(tenant, held)).status is Status.PENDING
    assert changes_of(await sync_tools(backends, tenant, READ, trusted=False)) == [("FILES__read", "1", "unchanged")]
    assert changes_of(await sync_tools(backends, tenant, CHANGED, trusted=False)) == [("FILES__read", "2", "drifted")]


async def test_a_rejected_new_tool_stays_rejected_until_it_changes(backends: Backends, tenant: UUID) -> None:
    await sync_tools(backends, tenant, READ, trusted=False)
    held = await an_envelope_awaiting_approval(backends, tenant)
    await accept(backends, tenant, decision=ToolDecision.REJECTED)
    assert (await backends.outbox.get(tenant, held)).status is Status.REJECTED
    for trusted in (False, True):
        assert changes_of(await sync_tools(backends, tenant, READ, trusted=trusted)) == [
            ("FILES__read", "1", "unchanged")
        ]
    assert await statuses(backends.catalog, tenant) == [("FILES__read", "1", "rejected")]
    assert changes_of(await sync_tools(backends, tenant, CHANGED, trusted=True)) == [("FILES__read", "2", "new")]
    assert await statuses(backends.catalog, tenant) == [
        ("FILES__read", "2", "quarantined"), ("FILES__read", "1", "retired"),
    ]  # fmt: skip


async def test_envelopes_follow_a_new_tool_that_changes_while_it_is_quarantined(
    backends: Backends, tenant: UUID
) -> None:
    await sync_tools(backends, tenant, READ, trusted=False)
    held = await an_envelope_awaiting_approval(backends, tenant)
    assert changes_of(await sync_tools(backends, tenant, CHANGED, trusted=False)) == [("FILES__read", "2", "new")]
    assert (await backends.outbox.get(tenant, held)).tool_version == "2"
    assert await accept(backends, tenant) == DecidedTool(version="2", envelopes=1)


async def test_trusting_a_source_later_releases_its_new_tools_and_their_envelopes(
    backends: Backends, tenant: UUID
) -> None:
    await sync_tools(backends, tenant, READ, trusted=False)
    held = await an_envelope_awaiting_approval(backends, tenant)
    assert changes_of(await sync_tools(backends, tenant, READ, trusted=True)) == [("FILES__read", "1", "added")]
    assert await statuses(backends.catalog, tenant) == [("FILES__read", "1", "active")]
    assert (await backends.outbox.get(tenant, held)).status is Status.PENDING
    assert await backends.approvals.list_open(tenant) == []


async def test_a_trusted_source_may_add_tools_but_not_change_them(backends: Backends, tenant: UUID) -> None:
    await sync_tools(backends, tenant, READ, trusted=False)
    await accept(backends, tenant)
    report = await sync_tools(backends, tenant, CHANGED, WRITE, trusted=True)
    assert changes_of(report) == [("FILES__read", "2", "drifted"), ("FILES__write", "1", "added")]


async def test_a_renamed_tool_is_quarantined_and_names_the_removed_tool(backends: Backends, tenant: UUID) -> None:
    await sync_tools(backends, tenant, READ, WRITE)
    report = await sync_tools(backends, tenant, replace(READ, name="get"), WRITE, trusted=False)
    assert [(change.tool_slug, change.change, change.drift) for change in report.changes] == [
        ("FILES__get", "new", (NEW_TOOL_DRIFT, "removed by the same listing: FILES__read")),
        ("FILES__write", "unchanged", ()),
        ("FILES__read", "removed", ()),
    ]
    assert await statuses(backends.catalog, tenant) == [
        ("FILES__get", "1", "quarantined"), ("FILES__read", "1", "removed"), ("FILES__write", "1", "active"),
    ]  # fmt: skip


async def test_a_new_tool_removed_before_a_decision_stays_quarantined(backends: Backends, tenant: UUID) -> None:
    await sync_tools(backends, tenant, READ, WRITE, trusted=False)
    held = await an_envelope_awaiting_approval(backends, tenant)
    assert changes_of(await sync_tools(backends, tenant, WRITE, trusted=False)) == [("FILES__write", "1", "unchanged")]
    assert (await backends.outbox.get(tenant, held)).status is Status.AWAITING_APPROVAL
    await sync_tools(backends, tenant, READ, WRITE, trusted=False)
    assert await accept(backends, tenant) == DecidedTool(version="1", envelopes=1)


async def test_rules_set_while_a_tool_is_quarantined_apply_once_it_is_accepted(
    backends: Backends, tenant: UUID
) -> None:
    await sync_tools(backends, tenant, WRITE, trusted=False)
    listing = a_listing(WRITE, rules={"FILES__*": ToolRule(risk=Risk.HIGH)})
    await sync_catalog(backends, tenant, listing, actor=SYSTEM)
    await accept(backends, tenant, "FILES__write")
    [tool] = await backends.catalog.list_tools(tenant)
    assert (tool.status, tool.risk) == (ToolStatus.ACTIVE, Risk.HIGH)


async def test_a_new_tool_cannot_take_the_slug_of_another_source(backends: Backends, tenant: UUID) -> None:
    await sync_tools(backends, tenant, READ, trusted=False)
    with pytest.raises(StateConflict, match="FILES__read belongs to mcp files"):
        await sync_catalog(backends, tenant, a_listing(READ, source="FILES"), actor=SYSTEM)
    row = a_listing(READ, source="FILES").rows[0]
    with pytest.raises(StateConflict, match="FILES__read belongs to mcp files"):
        await backends.catalog.sync(
            tenant, provider="mcp", source="FILES", tools=[SyncEntry(tool=replace(row, tenant_id=tenant))], actor=SYSTEM
        )
