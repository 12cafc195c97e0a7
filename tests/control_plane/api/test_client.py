"""The async client against the real API."""

import asyncio
from uuid import uuid4

import pytest

from control_plane.client import AsyncClient, Conflict, InvalidProposal, NotAllowed, NotFound, StillOpen
from tests.control_plane.api.conftest import Api
from tests.control_plane.api.served import served

TOOL = "SLACK__chat.post"


async def client_of(running: Api, *scopes: str) -> AsyncClient:
    token = (await running.as_agent(*scopes)).token
    assert token is not None
    return AsyncClient("http://api", token, http=running.http)


async def test_an_agent_proposes_reattaches_explains_lists_and_cancels(api: Api) -> None:
    client = await client_of(api)

    first = await client.propose(TOOL, {"text": "hello"}, external_id="order-17")
    again = await client.propose(TOOL, {"text": "hello"}, external_id="order-17")
    assert (first.created, again.created, again.envelope.id) == (True, False, first.envelope.id)
    assert first.verdicts[0].guardrail == "tool"

    assert (await client.explain(first.envelope.id)).envelope == await client.get(first.envelope.id)
    assert [item.id for item in (await client.list(external_id="order-17")).items] == [first.envelope.id]
    with pytest.raises(StillOpen):
        await client.wait(first.envelope.id, timeout=0.01)

    cancelled = await client.cancel(first.envelope.id, reason="sold out")
    assert cancelled.status == "cancelled"
    assert await client.wait(first.envelope.id) == cancelled
    with pytest.raises(Conflict):
        await client.cancel(first.envelope.id)


async def test_pages_follow_each_other(api: Api) -> None:
    client = await client_of(api)
    proposed = [
        (await client.propose(TOOL, {"text": "hello"}, external_id=str(number))).envelope.id for number in range(3)
    ]
    first = await client.list(limit=2)
    second = await client.list(limit=2, after=first.next)
    assert [item.id for item in (*first.items, *second.items)] == proposed[::-1]
    assert second.next is None


async def test_what_the_api_refuses_is_typed(api: Api) -> None:
    client, reader = await client_of(api), await client_of(api, "read")
    with pytest.raises(InvalidProposal) as invalid:
        await client.propose(TOOL, {"text": 5}, external_id="1")
    assert invalid.value.errors[0]["field"] == "arguments.text"
    assert invalid.value.request_id
    with pytest.raises(NotFound):
        await client.propose("NO__tool", {}, external_id="2")
    with pytest.raises(NotFound):
        await client.get(uuid4())
    with pytest.raises(NotAllowed):
        await reader.propose(TOOL, {"text": "hello"}, external_id="3")
    await client.propose(TOOL, {"text": "a"}, external_id="4")
    with pytest.raises(Conflict):
        await client.propose(TOOL, {"text": "b"}, external_id="4")


async def test_the_stream_tells_what_happens_and_goes_on_from_where_it_was_left(api: Api) -> None:
    token = (await api.as_agent()).token
    assert token is not None
    async with served(api.app) as url, asyncio.timeout(20), AsyncClient(url, token) as client:
        proposed = await client.propose(TOOL, {"text": "a"}, external_id="1")
        async with client.stream("envelope.", after="0") as events:
            first = await anext(events)
        missed = await client.propose(TOOL, {"text": "b"}, external_id="2")
        async with client.stream("envelope.", after=first.id) as events:
            assert (await anext(events)).envelope_id == missed.envelope.id
    assert (first.category, first.envelope_id) == ("envelope.proposed", proposed.envelope.id)
