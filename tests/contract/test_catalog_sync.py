"""A sync writes into the catalog which tools a source offers now."""

from dataclasses import replace
from datetime import timedelta
from uuid import UUID, uuid4

import pytest

from services.audit_log import AuditLogger
from services.backends import Backends
from services.catalog import ListedTool, SyncEntry, Tool, ToolKey, ToolStatus
from services.envelope import Risk
from services.errors import InvalidInput, NotFound, NotReady, StateConflict
from services.outbox import Disposition
from services.sync_catalog import sync_catalog
from tests.builders import a_listing, a_tool, operator
from tests.clock import FakeClock
from tests.contract.builders import close, put_one, take, take_one
from tests.contract.catalog import (
    CHANGED,
    PATHS,
    READ,
    SYSTEM,
    WRITE,
    accept,
    added_by_hand,
    changes_of,
    statuses,
    sync_tools,
)


async def test_listed_tools_are_in_the_catalog_and_active(backends: Backends, tenant: UUID) -> None:
    report = await sync_tools(backends, tenant, READ, WRITE)
    assert changes_of(report) == [("FILES__read", "1", "added"), ("FILES__write", "1", "added")]
    read, _write = await backends.catalog.list_tools(tenant)
    assert read == Tool(
        tenant_id=tenant, tool_slug="FILES__read", version="1", display_name="read", description="Reads a file.",
        risk=Risk.LOW, schema=PATHS, provider="mcp", config={"server": "files", "tool": "read"}, idempotent=True,
        source="files", annotations={"readOnlyHint": True}, schema_hash=read.schema_hash,
    )  # fmt: skip
    assert len(read.schema_hash) == 64


async def test_a_second_sync_changes_nothing(backends: Backends, audit_log: AuditLogger, tenant: UUID) -> None:
    await sync_tools(backends, tenant, READ, WRITE)
    before = await backends.catalog.list_tools(tenant), len(await audit_log.tail(tenant, limit=100))
    report = await sync_tools(backends, tenant, WRITE, READ)
    assert [change.change for change in report.changes] == ["unchanged", "unchanged"]
    assert (await backends.catalog.list_tools(tenant), len(await audit_log.tail(tenant, limit=100))) == before


async def test_a_tool_that_is_no_longer_listed_is_removed_and_may_return(backends: Backends, tenant: UUID) -> None:
    await sync_tools(backends, tenant, READ, WRITE)
    assert changes_of(await sync_tools(backends, tenant, READ))[1:] == [("FILES__write", "1", "removed")]
    assert changes_of(await sync_tools(backends, tenant, READ))[1:] == []
    assert (await statuses(backends.catalog, tenant))[1] == ("FILES__write", "1", "removed")
    assert changes_of(await sync_tools(backends, tenant, READ, WRITE))[1:] == [("FILES__write", "1", "returned")]


async def test_a_sync_keeps_the_tools_of_other_sources_and_of_people(backends: Backends, tenant: UUID) -> None:
    await backends.catalog.save([a_tool(tenant_id=tenant)], actor=operator("olga"))
    await sync_tools(backends, tenant, READ)
    await sync_tools(backends, tenant, replace(READ, name="now"), source="time")
    assert changes_of(await sync_tools(backends, tenant)) == [("FILES__read", "1", "removed")]
    assert await statuses(backends.catalog, tenant) == [
        ("FILES__read", "1", "removed"), ("SLACK__chat.post", "1", "active"), ("TIME__now", "1", "active"),
    ]  # fmt: skip


async def test_a_slug_of_another_provider_is_refused(backends: Backends, tenant: UUID) -> None:
    await backends.catalog.save([a_tool(tenant_id=tenant, tool_slug="FILES__write")], actor=operator("olga"))
    with pytest.raises(StateConflict, match="FILES__write belongs to http; sync under another name"):
        await sync_tools(backends, tenant, WRITE)
    assert await statuses(backends.catalog, tenant) == [("FILES__write", "1", "active")]
    report = await sync_tools(backends, tenant, READ, WRITE)
    assert [(left.name, left.why) for left in report.refused] == [
        ("FILES__write", "belongs to http; sync under another name")
    ]
    assert changes_of(report) == [("FILES__read", "1", "added")]
    with pytest.raises(StateConflict, match="FILES__read belongs to mcp files"):
        await sync_catalog(backends, tenant, a_listing(replace(READ, name="read"), source="FILES"), actor=SYSTEM)


async def test_a_listing_read_against_an_older_catalog_is_refused(backends: Backends, tenant: UUID) -> None:
    await sync_tools(backends, tenant, READ)
    [tool] = await backends.catalog.list_tools(tenant)
    with pytest.raises(StateConflict, match="sync again"):
        await backends.catalog.sync(
            tenant, provider="mcp", source="files", tools=[SyncEntry(tool=tool, since="older")], actor=SYSTEM
        )


async def test_two_tenants_share_nothing(backends: Backends, tenant: UUID, other_tenant: UUID) -> None:
    await sync_tools(backends, tenant, READ)
    await sync_tools(backends, other_tenant, READ)
    await sync_tools(backends, tenant, CHANGED)
    assert await statuses(backends.catalog, other_tenant) == [("FILES__read", "1", "active")]
    with pytest.raises(NotFound):
        await sync_tools(backends, uuid4(), READ)


async def test_tools_with_equal_names_and_invalid_tools_are_all_refused(backends: Backends, tenant: UUID) -> None:
    await sync_tools(backends, tenant, READ, WRITE)
    report = await sync_tools(
        backends, tenant, READ, replace(READ, description="me too"),
        replace(WRITE, schema={"type": "no such type"}), replace(WRITE, name="w\x00rite"),
        replace(WRITE, name="huge", description="x" * 70_000),
    )  # fmt: skip
    assert [refused.name for refused in report.refused] == ["read", "write", "w rite", "huge"]
    assert changes_of(report) == [("FILES__read", "1", "removed"), ("FILES__write", "1", "removed")]


async def test_an_empty_listing_is_refused_unless_it_is_allowed(backends: Backends, tenant: UUID) -> None:
    assert (await sync_catalog(backends, tenant, a_listing(), actor=SYSTEM)).changes == ()  # there was nothing before
    await sync_tools(backends, tenant, READ)
    with pytest.raises(NotReady, match="files lists no tools any more; nothing was changed"):
        await sync_catalog(backends, tenant, a_listing(), actor=SYSTEM)
    assert await statuses(backends.catalog, tenant) == [("FILES__read", "1", "active")]


async def test_a_listing_without_a_valid_tool_is_refused(backends: Backends, tenant: UUID) -> None:
    await sync_tools(backends, tenant, READ)
    with pytest.raises(NotReady, match="files lists no valid tool; nothing was changed"):
        await sync_catalog(backends, tenant, a_listing(READ, READ), actor=SYSTEM)
    assert await statuses(backends.catalog, tenant) == [("FILES__read", "1", "active")]


async def put_on_hold(backends: Backends, tenant: UUID, clock: FakeClock) -> UUID:
    """An envelope of FILES__read that waits because its tool is not offered, as the worker leaves it."""
    envelope = await put_one(backends.outbox, tenant, tool_slug="FILES__read", tool_version="1")
    claimed = await take_one(backends.outbox)
    later = clock() + timedelta(minutes=15)
    verdicts = ({"guardrail": "tool", "decision": "hold", "reason": "not offered", "until": later.isoformat()},)
    await close(backends.outbox, claimed, Disposition.HOLD, next_run_at=later, verdicts=verdicts, reason="tool: gone")
    return envelope.id


@pytest.mark.parametrize("became", [READ, CHANGED], ids=["as it was", "changed"])
async def test_envelopes_held_for_a_removed_tool_are_judged_again_when_it_returns(
    backends: Backends, tenant: UUID, clock: FakeClock, became: ListedTool
) -> None:
    await sync_tools(backends, tenant, READ, WRITE)
    await sync_tools(backends, tenant, WRITE)
    id_ = await put_on_hold(backends, tenant, clock)
    assert await take(backends.outbox) == []
    await sync_tools(backends, tenant, became, WRITE)
    assert [claimed.envelope.id for claimed in await take(backends.outbox)] == [id_]


async def test_older_versions_return_with_their_tool(backends: Backends, tenant: UUID) -> None:
    by_hand = added_by_hand(tenant, version="6")
    await backends.catalog.save([by_hand, replace(by_hand, version="7")], actor=operator("olga"))
    await sync_tools(backends, tenant, READ, WRITE)
    await sync_tools(backends, tenant, WRITE)
    assert [status for _, _, status in await statuses(backends.catalog, tenant)][:2] == ["removed", "removed"]
    await sync_tools(backends, tenant, READ, WRITE)
    assert [status for _, _, status in await statuses(backends.catalog, tenant)][:2] == ["active", "active"]


@pytest.mark.parametrize("version", ["1", "2"], ids=["the accepted version", "the changed version"])
async def test_an_envelope_of_a_changed_tool_survives_a_listing_without_the_tool(
    backends: Backends, tenant: UUID, version: str
) -> None:
    await sync_tools(backends, tenant, READ, WRITE)
    await sync_tools(backends, tenant, CHANGED, WRITE)
    envelope = await put_one(backends.outbox, tenant, tool_slug="FILES__read", tool_version=version)
    await sync_tools(backends, tenant, WRITE)
    stored = await backends.outbox.get(tenant, envelope.id)
    found = await backends.catalog.find([ToolKey(tenant, "FILES__read", stored.tool_version)])
    assert [tool.status for tool in found.values()] == [ToolStatus.REMOVED]  # held, that is
    await sync_tools(backends, tenant, CHANGED, WRITE)
    await accept(backends, tenant)
    assert (await backends.outbox.get(tenant, envelope.id)).tool_version == "3"


@pytest.mark.parametrize("source", ["", " ", "--"])
def test_a_source_must_have_a_name_for_its_slugs(source: str) -> None:
    with pytest.raises(InvalidInput, match="source: needs a letter or a digit"):
        a_listing(READ, source=source)


def test_a_source_with_too_many_tools_is_refused() -> None:
    with pytest.raises(NotReady, match="files lists 2,001 tools; a catalog has at most 2,000 of one source"):
        a_listing(*[READ] * 2001)


async def test_two_names_with_one_slug_are_both_refused(backends: Backends, tenant: UUID) -> None:
    report = await sync_tools(backends, tenant, replace(READ, name="FILES_read"), READ, WRITE)
    assert [refused.name for refused in report.refused] == ["FILES_read", "read"]
    assert changes_of(report) == [("FILES__write", "1", "added")]
