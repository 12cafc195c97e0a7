"""The client's stream of events: it goes on after a broken connection, and ends when its block does."""

import json
import socket
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any
from uuid import uuid4

import httpx
import pytest

from control_plane.client import ApiError, AsyncClient, Client, Event, NotAuthenticated, Unreachable, clients
from control_plane.client.event_stream import MAX_RECONNECTS, EventStream

Answer = Callable[[httpx.Request], httpx.Response]


class Stages:
    """An API that gives the n-th request the n-th answer, and records the requests."""

    def __init__(self, *answers: Answer) -> None:
        self._answers = list(answers)
        self.requests: list[httpx.Request] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        return self._answers.pop(0)(request)


def block(seq: int, **data: Any) -> bytes:
    return f"event: envelope.success\ndata: {json.dumps({'payload': {'n': seq}, **data})}\nid: {seq}\n\n".encode()


def events(*chunks: bytes, then: type[Exception] | None = None) -> Answer:
    """A stream of these chunks, which ends, or breaks with this error."""

    class Chunks(httpx.AsyncByteStream, httpx.SyncByteStream):
        def __iter__(self) -> Iterator[bytes]:
            yield from chunks
            if then is not None:
                raise then("gone")

        async def __aiter__(self) -> AsyncIterator[bytes]:
            for chunk in self:
                yield chunk

    return lambda _: httpx.Response(200, headers={"Content-Type": "text/event-stream"}, stream=Chunks())


def refusal(status: int, **headers: str) -> Answer:
    return lambda _: httpx.Response(status, headers=headers, json={"detail": "token: is revoked"})


@pytest.fixture
def pauses(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The pauses that the clients made; they take no time."""
    made: list[float] = []

    async def pause_async(seconds: float) -> None:
        made.append(seconds)

    monkeypatch.setattr(clients, "pause_async", pause_async)
    monkeypatch.setattr(clients, "pause", made.append)
    return made


def sync_client(api: Stages) -> Client:
    return Client("http://api", "t", http=httpx.Client(transport=httpx.MockTransport(api)))


async def numbers(api: Stages, count: int, *, is_async: bool, **options: Any) -> list[object]:
    """The first events, as either client reads them."""
    found: list[object] = []
    if not is_async:
        with sync_client(api).stream(**options) as stream:
            for event in stream:
                found.append(event.payload["n"])
                if len(found) == count:
                    return found
    client = AsyncClient("http://api", "t", http=httpx.AsyncClient(transport=httpx.MockTransport(api)))
    async with client.stream(**options) as following:
        async for event in following:
            found.append(event.payload["n"])
            if len(found) == count:
                break
    return found


@pytest.mark.parametrize("is_async", [True, False])
async def test_a_broken_connection_goes_on_after_the_last_event(pauses: list[float], *, is_async: bool) -> None:
    api = Stages(
        events(b": connected\nid: 6\n\n", block(7)[:20], block(7)[20:], block(8)[:30], then=httpx.ReadError),
        refusal(503, **{"Retry-After": "5"}),
        events(then=httpx.ReadTimeout),
        events(block(8), b": heartbeat\nid: 9\n\n"),
        events(block(10)),
    )

    assert await numbers(api, 3, is_async=is_async) == [7, 8, 10]

    assert [request.headers.get("last-event-id") for request in api.requests] == [None, "7", "7", "7", "9"]
    assert pauses[1] == 5


@pytest.mark.parametrize("is_async", [True, False])
async def test_the_stream_begins_where_it_is_told_with_the_categories_that_are_wanted(*, is_async: bool) -> None:
    api = Stages(events(block(8)))
    assert await numbers(api, 1, is_async=is_async, after="7") == [8]
    [request] = api.requests
    assert (request.headers["last-event-id"], request.headers["authorization"]) == ("7", "Bearer t")

    with sync_client(api := Stages(events(block(1)))).stream("envelope.", "tenants.") as stream:
        next(stream)
    assert api.requests[0].url.params.get_list("category") == ["envelope.", "tenants."]


@pytest.mark.parametrize("is_async", [True, False])
async def test_a_refusal_ends_the_stream(pauses: list[float], *, is_async: bool) -> None:
    api = Stages(events(block(7)), refusal(401))
    with pytest.raises(NotAuthenticated, match="token: is revoked"):
        await numbers(api, 2, is_async=is_async)
    assert len(pauses) == 1


async def test_an_api_that_stays_away_is_unreachable(pauses: list[float]) -> None:
    def away(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("refused", request=request)

    with pytest.raises(Unreachable):
        await numbers(Stages(*[away] * (MAX_RECONNECTS + 1)), 1, is_async=False)
    assert len(pauses) == MAX_RECONNECTS


@pytest.mark.parametrize(
    "answer",
    [lambda _: httpx.Response(200, text="<html>"), events(b"data: no json\n\n"), events(b"data: [1]\n\n")],
    ids=["no stream", "no json", "no object"],
)
async def test_a_server_that_is_not_the_api_is_refused(answer: Answer) -> None:
    with pytest.raises(ApiError, match="not of this API"):
        await numbers(Stages(answer), 1, is_async=True)


@pytest.mark.parametrize("size", [1, 3, 1000])
def test_events_are_the_same_however_the_bytes_are_cut(size: int) -> None:
    envelope = uuid4()
    reason = {"reason": "a\u2028b\x85 ü"}
    data = {"envelope_id": str(envelope), "created_at": "2026-11-30T09:00:00+00:00", "payload": reason}
    text = f": hi\r\nid: 3\r\n\r\nevent: envelope.rejected\ndata: {json.dumps(data, ensure_ascii=False)}\nid: 4\n\n"
    sent = (text + 'event: reset\ndata: {"reason": "too old"}\nid: 9\n\nevent: x\ndata: {}').encode()
    stream = EventStream((), None)

    found = [event for at in range(0, len(sent), size) for event in stream.read(sent[at : at + size])]

    assert [(each.id, each.category, each.envelope_id, each.is_reset) for each in found] == [
        ("4", "envelope.rejected", envelope, False), ("9", "reset", None, True),
    ]  # fmt: skip
    assert [dict(each.payload) for each in found] == [reason, {"reason": "too old"}]
    assert stream.request().headers["Last-Event-ID"] == "9"


async def test_the_end_of_the_block_closes_the_connection() -> None:
    closed: list[str] = []

    class Endless(httpx.AsyncByteStream):
        async def __aiter__(self) -> AsyncIterator[bytes]:
            while True:
                yield block(1)

        async def aclose(self) -> None:
            closed.append("yes")

    api = Stages(lambda _: httpx.Response(200, headers={"Content-Type": "text/event-stream"}, stream=Endless()))
    client = AsyncClient("http://api", "t", http=httpx.AsyncClient(transport=httpx.MockTransport(api)))
    async with client.stream() as stream:
        assert isinstance(await anext(stream), Event)
        assert closed == []
    assert closed == ["yes"]
    with pytest.raises(StopAsyncIteration):
        await anext(stream)


async def test_a_port_that_nobody_serves_is_unreachable(pauses: list[float]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    async with AsyncClient(f"http://127.0.0.1:{port}", "t") as client, client.stream() as stream:
        with pytest.raises(Unreachable):
            await anext(stream)
    assert len(pauses) == MAX_RECONNECTS
