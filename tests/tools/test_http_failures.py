"""The outcome of a call that an HTTP endpoint answers too late, in part or not at all."""

import asyncio
import socket
import threading
from time import monotonic

import pytest

from services.tools import Conflict, Failed, Success, Unknown
from services.tools.http.provider import HttpProvider
from tests.tools.builders import a_call
from tests.tools.servers import HttpServer, answer, break_off, close_silently, greet_in_plain_text, hang
from tests.tools.webhooks import HERE, SECRETS, a_webhook


async def test_a_refused_connection_had_no_effect(http: HttpProvider) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # bound but not listening: nobody else can, and connections are refused
        outcome = await http.execute(a_call(a_webhook(f"http://127.0.0.1:{taken.getsockname()[1]}/")))
    assert isinstance(outcome, Failed)
    assert outcome.retryable
    assert outcome.error.startswith("127.0.0.1: ConnectError")


async def test_a_name_that_does_not_resolve_had_no_effect(http: HttpProvider, monkeypatch: pytest.MonkeyPatch) -> None:
    def no_such_host(_: str) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr("services.tools.outgoing.resolve", no_such_host)
    outcome = await http.execute(a_call(a_webhook("http://no-such-host.invalid/")))
    assert outcome == Failed(
        error="no-such-host.invalid: ConnectError: [Errno -2] Name or service not known", retryable=True
    )


async def test_a_failed_tls_handshake_had_no_effect(http: HttpProvider, server: HttpServer) -> None:
    server.greets = False
    outcome = await http.execute(a_call(a_webhook(f"https://127.0.0.1:{server.port}/")))
    assert isinstance(outcome, Failed)
    assert outcome.retryable


async def test_a_timeout_before_the_request_left_had_no_effect(http: HttpProvider) -> None:
    async with asyncio.timeout(60):
        with socket.socket() as mute:
            mute.bind(("127.0.0.1", 0))
            mute.listen()  # the kernel accepts connections, but no TLS handshake follows
            url = f"https://127.0.0.1:{mute.getsockname()[1]}/"
            outcome = await http.execute(a_call(a_webhook(url), seconds=0.1))
    assert outcome == Failed(error="127.0.0.1: no answer within 0.1 s", retryable=True)


async def test_no_call_waits_for_another_ones_connection(server: HttpServer) -> None:
    """Otherwise its deadline could pass before it starts."""
    server.behave = hang
    async with (
        HttpProvider(SECRETS, concurrency=1, allowed_hosts=HERE) as http,
        asyncio.timeout(60),
        asyncio.TaskGroup() as tasks,
    ):
        slow = [tasks.create_task(http.execute(a_call(a_webhook(server.url), seconds=60))) for _ in range(5)]
        while len(server.requests) < 5:
            await server.arrived.wait()
            server.arrived.clear()
        server.behave = answer(200)
        assert await http.execute(a_call(a_webhook(server.url))) == Success()
        for call in slow:
            call.cancel()


async def test_a_timeout_is_unknown_and_does_not_harm_the_pool(server: HttpServer) -> None:
    async with HttpProvider(SECRETS, concurrency=1, allowed_hosts=HERE) as http, asyncio.timeout(60):
        server.behave = hang
        outcome = await http.execute(a_call(a_webhook(server.url), seconds=0.1))
        assert outcome == Unknown(error="127.0.0.1: no answer within 0.1 s")
        await server.hung_up.wait()

        server.behave = answer(200)
        assert await http.execute(a_call(a_webhook(server.url))) == Success()


async def test_an_answer_that_came_in_time_counts_even_if_it_is_read_late(http: HttpProvider) -> None:
    """The event loop may be busy with other calls while the tool answers in time."""
    answered = threading.Event()

    def serve(listening: socket.socket) -> None:
        connection, _ = listening.accept()
        with connection:
            connection.recv(65536)
            connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}")
            answered.set()
            connection.recv(1)

    with socket.create_server(("127.0.0.1", 0)) as listening:
        server = threading.Thread(target=serve, args=(listening,))
        server.start()
        call = a_call(a_webhook(f"http://127.0.0.1:{listening.getsockname()[1]}/"), seconds=1)
        began = monotonic()
        execution = asyncio.ensure_future(http.execute(call))
        while not answered.wait(0.001):  # noqa: ASYNC110  # a thread's event, which must not let the loop look
            await asyncio.sleep(0)
        threading.Event().wait(began + 1.1 - monotonic())  # the event loop is blocked
        outcome = await execution
    assert outcome == Success(result={})


async def test_a_deadline_covers_the_whole_answer_not_each_byte(http: HttpProvider, server: HttpServer) -> None:
    async def drip(writer: asyncio.StreamWriter) -> bool:
        writer.write(b"HTTP/1.1 200 Told\r\nContent-Length: 1000000\r\n\r\n")
        while not writer.is_closing():
            writer.write(b"x")
            await writer.drain()
            await asyncio.sleep(0)
        return False

    server.behave = drip
    async with asyncio.timeout(60):
        outcome = await http.execute(a_call(a_webhook(server.url), seconds=0.1))
    assert isinstance(outcome, Unknown)


async def test_a_connection_closed_without_an_answer_is_unknown(http: HttpProvider, server: HttpServer) -> None:
    server.behave = close_silently
    assert isinstance(await http.execute(a_call(a_webhook(server.url))), Unknown)


async def test_a_connection_closed_before_reading_is_unknown(http: HttpProvider, server: HttpServer) -> None:
    server.greets = False
    assert isinstance(await http.execute(a_call(a_webhook(server.url))), Unknown)


async def test_an_answer_that_is_not_http_is_unknown(http: HttpProvider, server: HttpServer) -> None:
    server.behave = greet_in_plain_text
    assert isinstance(await http.execute(a_call(a_webhook(server.url))), Unknown)


async def test_a_cut_off_success_is_unknown(http: HttpProvider, server: HttpServer) -> None:
    server.behave = break_off(200)
    assert isinstance(await http.execute(a_call(a_webhook(server.url))), Unknown)


async def test_a_cut_off_refusal_is_still_a_refusal(http: HttpProvider, server: HttpServer) -> None:
    server.behave = break_off(409, body=b"taken")
    assert await http.execute(a_call(a_webhook(server.url))) == Conflict(error="127.0.0.1 answered 409: taken")


async def test_a_cancelled_call_is_cancelled(http: HttpProvider, server: HttpServer) -> None:
    server.behave = hang
    call = asyncio.ensure_future(http.execute(a_call(a_webhook(server.url), seconds=60)))
    async with asyncio.timeout(60):
        await server.arrived.wait()
        call.cancel()
        with pytest.raises(asyncio.CancelledError):
            await call
        await server.hung_up.wait()
