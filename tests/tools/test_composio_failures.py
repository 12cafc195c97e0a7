"""The outcome of a call that Composio answers too late, in part or not at all."""

import asyncio
import json
import socket

import pytest
from pydantic import SecretStr

from services.tools import Conflict, Failed, Success, Unknown
from services.tools.composio.provider import ComposioProvider
from tests.tools.composio import DRAFT, KEY, ComposioServer, a_draft, a_provider
from tests.tools.servers import Behaviour, break_off, close_silently, hang


async def test_a_refused_connection_had_no_effect(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_PROXY", "*")
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # bound but not listening: nobody else can, and connections are refused
        url = f"http://127.0.0.1:{taken.getsockname()[1]}"
        async with ComposioProvider(SecretStr(KEY), base_url=url, concurrency=1) as composio:
            outcome = await composio.execute(a_draft())
    assert outcome == Failed(error="Composio: ConnectError: All connection attempts failed", retryable=True)


async def test_a_failed_tls_handshake_had_no_effect(composio_server: ComposioServer) -> None:
    url = composio_server.base_url.replace("http:", "https:")
    async with asyncio.timeout(60), ComposioProvider(SecretStr(KEY), base_url=url, concurrency=1) as composio:
        # Long enough for the connect timeout, a tenth shorter, to come first even on a busy machine.
        outcome = await composio.execute(a_draft(seconds=1))  # the server waits for the end of the headers
        assert outcome == Failed(error="Composio: no answer within 1 s", retryable=True)

        composio_server.greets = False
        outcome = await composio.execute(a_draft())
    assert isinstance(outcome, Failed)
    assert outcome.retryable


async def test_a_call_that_got_no_free_connection_had_no_effect(composio_server: ComposioServer) -> None:
    composio_server.behave = hang
    async with (
        a_provider(composio_server, concurrency=1) as composio,
        asyncio.timeout(60),
        asyncio.TaskGroup() as tasks,
    ):
        first = tasks.create_task(composio.execute(a_draft(seconds=60)))
        await composio_server.arrived.wait()
        outcome = await composio.execute(a_draft(seconds=0.1))
        assert outcome == Failed(error="Composio: no answer within 0.1 s", retryable=True)
        first.cancel()  # and the pool still works afterwards
        await composio_server.hung_up.wait()
        composio_server.behave = composio_server.as_composio
        assert await composio.execute(a_draft()) == Success(result=DRAFT)
    assert first.cancelled()


async def test_a_timeout_is_unknown_and_does_not_harm_the_pool(composio_server: ComposioServer) -> None:
    async with a_provider(composio_server, concurrency=1) as composio, asyncio.timeout(60):
        composio_server.behave = hang
        outcome = await composio.execute(a_draft(seconds=0.2))
        assert outcome == Unknown(error="Composio: no answer within 0.2 s")
        await composio_server.hung_up.wait()
        composio_server.behave = composio_server.as_composio
        assert await composio.execute(a_draft()) == Success(result=DRAFT)


async def test_a_deadline_covers_the_whole_answer(composio: ComposioProvider, composio_server: ComposioServer) -> None:
    async def drip(writer: asyncio.StreamWriter) -> bool:
        writer.write(b"HTTP/1.1 200 Told\r\nContent-Length: 1000000\r\n\r\n")
        while not writer.is_closing():
            writer.write(b"x")
            await writer.drain()
            await asyncio.sleep(0)
        return False

    composio_server.behave = drip
    async with asyncio.timeout(60):
        outcome = await composio.execute(a_draft(seconds=0.2))
    assert outcome == Unknown(error="Composio answered 200, but the answer was cut off: no answer within 0.2 s")


@pytest.mark.parametrize("behave", [close_silently, break_off(200)])
async def test_a_missing_or_cut_off_answer_is_unknown(
    composio: ComposioProvider, composio_server: ComposioServer, behave: Behaviour
) -> None:
    composio_server.behave = behave
    assert isinstance(await composio.execute(a_draft()), Unknown)


async def test_a_cut_off_refusal_is_still_a_refusal(
    composio: ComposioProvider, composio_server: ComposioServer
) -> None:
    composio_server.behave = break_off(409, body=b"taken")
    assert await composio.execute(a_draft()) == Conflict(error="Composio answered 409: taken")


async def test_each_of_many_concurrent_calls_gets_its_own_answer(composio: ComposioProvider) -> None:
    async with asyncio.timeout(60):
        outcomes = await asyncio.gather(
            composio.execute(a_draft()),
            composio.execute(a_draft(config={"tool": "GMAIL_NONE"})),
            composio.health("gmail"),
        )
    assert [type(outcome) for outcome in outcomes] == [Success, Failed, type(None)]


async def test_a_cancelled_call_is_cancelled(composio: ComposioProvider, composio_server: ComposioServer) -> None:
    composio_server.behave = hang
    call = asyncio.ensure_future(composio.execute(a_draft(seconds=60)))
    async with asyncio.timeout(60):
        await composio_server.arrived.wait()
        call.cancel()
        with pytest.raises(asyncio.CancelledError):
            await call
        await composio_server.hung_up.wait()


@pytest.mark.parametrize("later", [False, True], ids=["in one segment", "a moment later"])
async def test_a_surplus_answer_never_reaches_the_next_call(
    composio: ComposioProvider, composio_server: ComposioServer, later: bool
) -> None:
    def whole(data: str) -> bytes:
        body = json.dumps({"successful": True, "data": {"for": data}}).encode()
        return b"HTTP/1.1 200 Told\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(body) + body

    async def twice(writer: asyncio.StreamWriter) -> bool:
        writer.write(whole("the caller") + (b"" if later else whole("nobody")))
        await writer.drain()
        if later:
            asyncio.get_running_loop().call_later(0.02, writer.write, whole("nobody"))
        return True

    composio_server.behave = twice
    for _ in range(5):
        assert await composio.execute(a_draft()) == Success(result={"for": "the caller"})
        await asyncio.sleep(0.04 if later else 0)
