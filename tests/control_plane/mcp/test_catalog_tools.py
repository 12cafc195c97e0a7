"""The catalog at the agents' door, with its tools under their own names."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from mcp import MCPError
from mcp.client import Client

from control_plane.api.identity import Principal, identify_agent
from control_plane.mcp.answers import ALREADY_PROPOSED
from control_plane.mcp.server import build_server
from services.catalog import SyncEntry, ToolDecision
from services.envelope import Door
from tests.builders import a_tool
from tests.control_plane.api.conftest import OPERATOR, Api
from tests.control_plane.mcp.conftest import Agent, settle


@asynccontextmanager
async def connect(api: Api) -> AsyncIterator[Agent]:
    """An agent of a server that shows catalog tools. The catalog has an accepted tool, a new and a rejected one."""
    names = ("new", "rejected")
    entries = [SyncEntry(tool=a_tool(tenant_id=api.tenant, tool_slug=f"ANY__{name}", source="any")) for name in names]
    catalog = api.access.operator.catalog
    provider = entries[0].tool.provider
    await catalog.sync(api.tenant, provider=provider, source="any", tools=entries, actor=OPERATOR)
    await catalog.decide(
        api.tenant, "ANY__rejected", decision=ToolDecision.REJECTED, schema_hash=entries[1].tool.schema_hash,
        actor=OPERATOR, reason="not for agents",
    )  # fmt: skip
    await catalog.save([a_tool(tenant_id=api.tenant, tool_slug="ANY__accepted")], actor=OPERATOR)
    token = (await api.as_agent()).token
    assert token is not None

    async def identify(_: object) -> Principal:
        return await identify_agent(api.access, token, Door.MCP)

    async with Client(build_server(identify, feed=api.app.state.feed, catalog_tools=True)) as client:
        yield Agent(client)


async def test_only_accepted_tools_are_listed_and_in_one_order(api: Api) -> None:
    async with connect(api) as agent:
        listed = (await agent.client.list_tools()).tools
        found, _ = await agent.call("search_catalog")
        for name in ("ANY__new", "ANY__rejected"):
            with pytest.raises(MCPError, match="there is no such tool"):
                await agent.call(name)

    names = [tool.name for tool in listed]
    assert names == sorted(names)
    assert [name for name in names if "__" in name] == ["ANY__accepted", "SLACK__chat.post"]
    assert [tool["tool_slug"] for tool in found["tools"]] == ["ANY__accepted", "SLACK__chat.post"]
    [post] = [tool for tool in listed if tool.name == "SLACK__chat.post"]
    assert post.input_schema["properties"] == {"text": {"type": "string"}, "amount": {"type": "number"}}


async def test_a_search_puts_the_tool_with_most_words_first(api: Api) -> None:
    async with connect(api) as agent:
        found, _ = await agent.call("search_catalog", query="slack chat", limit=1)
        none, _ = await agent.call("search_catalog", query="nothing-like-it")
    assert [tool["tool_slug"] for tool in found["tools"]] == ["SLACK__chat.post"]
    assert none == {"total": 0, "tools": []}


async def test_a_catalog_tool_is_proposed_and_its_outcome_returned(api: Api) -> None:
    async with connect(api) as agent:
        waiting, failed = await agent.call("SLACK__chat.post", text="hello")
        assert (waiting["status"], waiting["is_over"], failed) == ("pending", False, False)
        await settle(api, result={"ts": "1"})
        outcome, failed = await agent.call("SLACK__chat.post", text="hello")

    assert (outcome["envelope_id"], outcome["result"], failed) == (waiting["envelope_id"], {"ts": "1"}, False)
    assert "created" not in waiting
    assert (outcome["created"], outcome["next"]) == (False, ALREADY_PROPOSED)
