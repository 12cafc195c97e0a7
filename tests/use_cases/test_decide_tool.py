"""Deciding on new and changed tools."""

from uuid import UUID

import pytest

from services.backends import Backends
from services.catalog import DecidedTool, ToolDecision, ToolStatus
from services.decide_tool import decide_tool, decide_tools, list_new_tools
from services.errors import InvalidInput, NotFound, StateConflict
from tests.contract.catalog import READ, WRITE, sync_tools
from tests.use_cases.actors import MARIA, last_act


async def accept(backends: Backends, tenant: UUID, *, hash_prefix: str | None = None) -> DecidedTool:
    return await decide_tool(
        backends,
        tenant,
        "FILES__read",
        decision=ToolDecision.ACCEPTED,
        hash_prefix=hash_prefix,
        reason=None,
        actor=MARIA,
    )


async def new_tool_hash(backends: Backends, tenant: UUID) -> str:
    """The hash of `FILES__read`, new to the catalog."""
    await sync_tools(backends, tenant, READ, trusted=False)
    [tool] = await backends.catalog.list_tools(tenant)
    return tool.schema_hash


async def test_the_beginning_of_the_hash_names_the_definition(backends: Backends, tenant: UUID) -> None:
    schema_hash = await new_tool_hash(backends, tenant)
    await accept(backends, tenant, hash_prefix=schema_hash[:8])
    [tool] = await backends.catalog.list_tools(tenant)
    assert tool.status is ToolStatus.ACTIVE
    assert (await last_act(backends, tenant))[1:] == (MARIA.type, MARIA.id)


async def test_another_hash_is_refused(backends: Backends, tenant: UUID) -> None:
    await new_tool_hash(backends, tenant)
    with pytest.raises(StateConflict):
        await accept(backends, tenant, hash_prefix="x" * 8)


async def test_a_short_hash_is_refused_with_the_field(backends: Backends, tenant: UUID) -> None:
    schema_hash = await new_tool_hash(backends, tenant)
    with pytest.raises(InvalidInput) as caught:
        await accept(backends, tenant, hash_prefix=schema_hash[:7])
    assert caught.value.field == "hash"


async def test_a_tool_without_a_pending_decision_is_not_found(backends: Backends, tenant: UUID) -> None:
    await sync_tools(backends, tenant, READ)
    with pytest.raises(NotFound) as caught:
        await accept(backends, tenant)
    assert (caught.value.what, caught.value.id, caught.value.field) == ("decision", "FILES__read", "tool_slug")


async def test_an_accepted_tool_may_be_rejected_with_a_reason(backends: Backends, tenant: UUID) -> None:
    await sync_tools(backends, tenant, READ)
    await decide_tool(
        backends,
        tenant,
        "FILES__read",
        decision=ToolDecision.REJECTED,
        hash_prefix=None,
        reason="not used",
        actor=MARIA,
    )
    [tool] = await backends.catalog.list_tools(tenant)
    assert tool.status is ToolStatus.REJECTED


async def test_the_new_tools_of_a_source_are_decided_together(backends: Backends, tenant: UUID) -> None:
    await sync_tools(backends, tenant, READ, WRITE, trusted=False)
    tools = await list_new_tools(backends, "files", provider=None, tenant=None)
    assert [tool.tool_slug for tool in tools] == ["FILES__read", "FILES__write"]
    assert await decide_tools(backends, tools, decision=ToolDecision.ACCEPTED, reason=None, actor=MARIA) == 0
    with pytest.raises(NotFound) as caught:
        await list_new_tools(backends, "files", provider=None, tenant=tenant)
    assert (caught.value.what, caught.value.field) == ("new tool", "source")


async def test_new_tools_of_another_provider_are_left_out(backends: Backends, tenant: UUID) -> None:
    await sync_tools(backends, tenant, READ, trusted=False)
    with pytest.raises(NotFound):
        await list_new_tools(backends, "files", provider="composio", tenant=tenant)
