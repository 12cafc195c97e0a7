"""The stream of changes: what a page learns between its rendering and its end."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Literal

import httpx
import pytest

from control_plane.api.open_streams import OpenStreams
from tests.control_plane.api.conftest import a_proposal
from tests.control_plane.api.served import Stream
from tests.control_plane.console.conftest import Console

People = Literal["operator", "owner"]


@pytest.fixture(params=["operator", "owner"])
def person(request: pytest.FixtureRequest) -> People:
    found: People = request.param
    return found


@asynccontextmanager
async def http_of(console: Console, person: People) -> AsyncIterator[httpx.AsyncClient]:
    """A client with the session of this person."""
    cookies = {"acp_session": f"{console.token(person)}~secret"}
    async with httpx.AsyncClient(
        base_url=console.url, cookies=cookies, headers={"accept": "text/html"}, timeout=60
    ) as http:
        yield http


async def place_of_page(http: httpx.AsyncClient) -> str:
    """Where the stream of a page that is rendered now begins."""
    return (await http.get("/console/envelopes")).text.partition('data-position="')[2].partition('"')[0]


@asynccontextmanager
async def following(http: httpx.AsyncClient, **options: Any) -> AsyncIterator[Stream]:
    async with http.stream("GET", "/console/live", **options) as response:
        assert response.status_code == 200
        yield Stream(response)


async def propose(console: Console) -> None:
    assert (await console.agent().post("/v1/envelopes", json=a_proposal())).status_code == 201


async def test_a_stream_has_every_change_since_its_page_was_rendered(console: Console, person: People) -> None:
    async with http_of(console, person) as http:
        place = await place_of_page(http)
        await propose(console)
        async with following(http, params={"since": place}) as stream:
            ready, change = await stream.named(2)
    assert (ready.name, ready.data) == ("ready", {"mustRead": False})
    assert (change.name, change.data) == (
        "change", [{"category": "envelope.proposed", "tenant_id": str(console.api.tenant)}],
    )  # fmt: skip


async def test_a_stream_that_is_opened_again_goes_on_after_its_last_event(console: Console, person: People) -> None:
    async with http_of(console, person) as http:
        place = await place_of_page(http)
        await propose(console)
        async with following(http, params={"since": place}) as stream:
            _, first = await stream.named(2)
        async with following(http, params={"since": place}, headers={"last-event-id": first.id or ""}) as stream:
            again = await stream.next()
            await propose(console)
            [second] = await stream.named(1)
    assert (again.data, second.data) == ({"mustRead": False}, first.data)


@pytest.mark.parametrize("place", ["", "nonsense", "999999999", "9:9:9/9", "-1"])
async def test_a_stream_from_an_unknown_place_says_that_pages_must_be_read(
    console: Console, person: People, place: str
) -> None:
    async with http_of(console, person) as http, following(http, params={"since": place}) as stream:
        ready = await stream.next()
    assert (ready.name, ready.data) == ("ready", {"mustRead": True})


async def test_the_stream_of_a_tenant_says_nothing_about_another(postgres_console: Console) -> None:
    async with http_of(postgres_console, "owner") as http:
        place = await place_of_page(http)
        other = postgres_console.api.as_user(tenant=postgres_console.api.other_tenant)
        assert (await other.post("/v1/envelopes", json=a_proposal())).status_code == 201
        await propose(postgres_console)
        async with following(http, params={"since": place}) as stream:
            _, change = await stream.named(2)
    assert [each["tenant_id"] for each in change.data] == [str(postgres_console.api.tenant)]


async def test_the_streams_of_a_person_in_the_console_and_over_the_api_count_together(console: Console) -> None:
    console.api.app.state.streams = OpenStreams(per_caller=1)
    token = console.token("owner", sub="olga")
    async with (
        httpx.AsyncClient(base_url=console.url, cookies={"acp_session": f"{token}~secret"}) as http,
        following(http) as stream,
    ):
        await stream.next()
        answers = [
            await http.get("/console/live"),
            await http.get("/v1/events", headers={"authorization": f"Bearer {token}"}),
        ]
    assert [(answer.status_code, answer.headers["retry-after"]) for answer in answers] == [(429, "10")] * 2
