"""The streams that are open at once are limited, for each caller and for each tenant."""

from contextlib import AsyncExitStack

import httpx
import pytest

from control_plane.api import events
from control_plane.api.open_streams import OpenStreams
from tests.control_plane.api.conftest import Api, Client
from tests.control_plane.api.served import Stream, served, streaming
from tests.worker.world import eventually


async def ask(url: str, client: Client) -> tuple[int, str]:
    """Ask for one more stream, and leave: the status, and the problem if it is refused."""
    async with (
        httpx.AsyncClient(base_url=url, headers={"Authorization": f"Bearer {client.token}"}, timeout=60) as http,
        http.stream("GET", "/v1/events") as response,
    ):
        if response.is_success:
            return response.status_code, ""
        await response.aread()
        sent = response.headers
        assert (sent["content-type"], sent["retry-after"]) == ("application/problem+json", "10")
        return response.status_code, response.json()["detail"]


async def open_streams(stack: AsyncExitStack, url: str, *clients: Client) -> list[Stream]:
    """Streams that have begun. A stream that nobody keeps is closed."""
    streams = [await stack.enter_async_context(streaming(url, client.token)) for client in clients]
    for stream in streams:
        await stream.next()
    return streams


async def test_a_caller_has_so_many_streams_and_another_one_has_its_own(api: Api) -> None:
    agent, owner, operator = await api.as_agent(), api.as_user(), api.as_operator()
    api.app.state.streams = OpenStreams(per_caller=2)
    async with served(api.app) as url, AsyncExitStack() as stack:
        streams = await open_streams(stack, url, agent, agent, operator, operator)
        detail = "token or user: it has 2 event streams open, the most at once; close one, or try again in 10 s"
        assert await ask(url, agent) == await ask(url, operator) == (429, detail)
        assert await ask(url, owner) == (200, "")
        assert len(streams) == 4


async def test_the_streams_of_a_tenant_are_limited_and_those_of_others_and_of_operators_are_not(api: Api) -> None:
    api.app.state.streams = OpenStreams(per_tenant=2)
    async with served(api.app) as url, AsyncExitStack() as stack:
        operators = [api.as_operator(sub=name) for name in "abc"]
        streams = await open_streams(stack, url, api.as_user(), await api.as_agent(), *operators)
        detail = "tenant: its tokens and users together have 2 event streams open, the most at once"
        assert await ask(url, api.as_user()) == (429, f"{detail}; close one, or try again in 10 s")
        assert await ask(url, api.as_user(tenant=api.other_tenant)) == (200, "")
        assert len(streams) == 5


async def test_a_stream_counts_until_its_client_leaves(api: Api) -> None:
    streams = api.app.state.streams = OpenStreams(per_caller=1, per_tenant=1)
    owner = api.as_user()
    async with served(api.app) as url:
        for _ in range(3):
            async with streaming(url, owner.token) as stream:
                await stream.next()
                assert (await ask(url, owner))[0] == 429
            await eventually(lambda: not streams.count)


async def test_a_stream_that_fails_or_is_refused_or_ends_with_the_server_counts_no_longer(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    streams = api.app.state.streams = OpenStreams(per_caller=1, per_tenant=1)
    owner = api.as_user()
    for _ in range(2):
        assert (await owner.get("/v1/events", headers={"Last-Event-ID": "x"})).status_code == 422
    async with served(api.app) as url:
        with monkeypatch.context() as broken:
            broken.setattr(events, "comment", lambda *_args, **_named: 1 / 0)
            with pytest.raises(httpx.RemoteProtocolError):
                async with streaming(url, owner.token) as stream:
                    await stream.next()
        await eventually(lambda: not streams.count)
        async with streaming(url, owner.token) as stream:
            await stream.next()
            assert streams.count == 1
            api.app.state.feed.close()
            await stream.until_end()
        await eventually(lambda: not streams.count)
