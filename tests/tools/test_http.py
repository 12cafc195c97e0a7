"""The outcome of each way in which an HTTP endpoint can answer or not answer."""

import asyncio
import hashlib
import logging
import socket
import threading
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from time import monotonic
from typing import Any
from uuid import uuid4

import pytest
from pydantic import SecretStr
from standardwebhooks import Webhook

from services.tools import Conflict, Failed, Outcome, Success, Unknown
from services.tools.http.connection import MAX_BODY_BYTES, Exchange
from services.tools.http.pool import Pool, PoolKey
from services.tools.http.provider import HttpProvider
from services.tools.outgoing import AllowedHosts
from tests.tools.builders import TENANT, a_call, a_tool
from tests.tools.servers import (
    HttpServer,
    answer,
    break_off,
    close_silently,
    greet_in_plain_text,
    hang,
    stream_ten_megabytes,
)

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"  # noqa: S105  # the example from the Standard Webhooks text
SECRETS = {"crm": SecretStr(SECRET), "broken": SecretStr("whsec_x"), "empty": SecretStr("whsec_")}
TRACEPARENT = "00-" + "a" * 32 + "-" + "b" * 16 + "-01"
DAY = timedelta(days=1)
HERE = AllowedHosts(("127.0.0.1",))


@pytest.fixture
async def server() -> AsyncIterator[HttpServer]:
    async with HttpServer() as server:
        yield server


@pytest.fixture
async def http() -> AsyncIterator[HttpProvider]:
    async with HttpProvider(SECRETS, concurrency=4, allowed_hosts=HERE) as http:
        yield http


def a_webhook(url: str, **config: Any) -> Any:
    return a_tool(config={"url": url, "secret": "crm"} | config)


async def answered_with(http: HttpProvider, server: HttpServer, status: int, **more: Any) -> Outcome:
    server.behave = answer(status, **more)
    return await http.execute(a_call(a_webhook(server.url)))


async def test_the_endpoint_gets_a_signed_envelope(http: HttpProvider, server: HttpServer) -> None:
    call = a_call(a_webhook(server.url), arguments={"text": "grüße", "none": None}, traceparent=TRACEPARENT)

    assert await http.execute(call) == Success(result={})

    [request] = server.requests
    payload = Webhook(SECRET).verify(request.body, dict(request.headers))
    assert payload.pop("timestamp").endswith("+00:00")
    assert payload == {
        "type": "CRM__notes.create",
        "data": {
            "envelope_id": str(call.envelope_id),
            "tenant_id": str(TENANT),
            "tool_slug": "CRM__notes.create",
            "arguments": {"text": "grüße", "none": None},
            "connected_account_id": "acc-1",
        },
    }
    assert request.line == "POST /hook HTTP/1.1"
    names = ("webhook-id", "idempotency-key", "traceparent", "content-type")
    assert [request.headers[name] for name in names] == [
        str(call.envelope_id),
        str(call.envelope_id),
        TRACEPARENT,
        "application/json",
    ]


async def test_every_attempt_carries_the_same_key_over_the_same_connection(
    http: HttpProvider, server: HttpServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("services.tools.http.pool.MIN_IDLE", 0)
    envelope_id = uuid4()
    for _ in range(2):
        await http.execute(a_call(a_webhook(server.url), envelope_id=envelope_id))

    assert [r.headers["idempotency-key"] for r in server.requests] == [str(envelope_id)] * 2
    assert [r.headers["webhook-id"] for r in server.requests] == [str(envelope_id)] * 2
    assert server.connections == 1


async def test_an_invalid_traceparent_is_not_sent(http: HttpProvider, server: HttpServer) -> None:
    for nonsense in (None, "x\r\nInjected: yes", "grün"):
        assert await http.execute(a_call(a_webhook(server.url), traceparent=nonsense)) == Success(result={})
    assert not [r for r in server.requests if "traceparent" in r.headers or "injected" in r.headers]


async def test_a_cookie_of_one_call_is_never_sent_with_the_next(http: HttpProvider, server: HttpServer) -> None:
    await answered_with(http, server, 200, headers={"Set-Cookie": "session=tenant-a; Path=/"})
    await answered_with(http, server, 200)
    assert "cookie" not in server.requests[1].headers


@pytest.mark.parametrize(
    ("body", "result"),
    [(b'{"id": 7}', {"id": 7}), (b"done", "done"), (b"", None), (b"\x00\xff", "\ufffd\ufffd")],
)
async def test_a_success_keeps_what_the_tool_answered(
    http: HttpProvider, server: HttpServer, body: bytes, result: object
) -> None:
    assert await answered_with(http, server, 201, body=body) == Success(result=result)


async def test_an_unrequested_compressed_answer_is_not_unpacked(http: HttpProvider, server: HttpServer) -> None:
    outcome = await answered_with(http, server, 200, body=b"\x1f\x8b", headers={"Content-Encoding": "gzip"})
    assert server.requests[0].headers["accept-encoding"] == "identity"
    assert isinstance(outcome, Success)
    assert (outcome.result["truncated"], outcome.result["bytes"]) == (True, 2)


async def test_of_many_long_answers_one_is_parsed_per_turn_of_the_event_loop(
    http: HttpProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    turns, parsed_at = 0, []

    async def answer_at_once(_: Pool, __: PoolKey, ___: bytes, exchange: Exchange, *, within: timedelta) -> None:  # noqa: ARG001
        exchange.status, exchange.is_whole, exchange.body = 200, True, bytearray(b"1" * 20_000)

    async def call() -> None:
        await http.execute(a_call(a_webhook("http://127.0.0.1")))
        parsed_at.append(turns)

    monkeypatch.setattr(Pool, "send_request", answer_at_once)
    calls = asyncio.gather(*(call() for _ in range(10)))
    while not calls.done():
        turns += 1
        await asyncio.sleep(0)
    assert len(set(parsed_at)) == 10


async def test_a_long_answer_is_read_up_to_a_limit_and_is_a_success(http: HttpProvider, server: HttpServer) -> None:
    server.behave = stream_ten_megabytes

    outcome = await http.execute(a_call(a_webhook(server.url)))

    assert isinstance(outcome, Success)
    shown = {key: outcome.result[key] for key in ("truncated", "bytes", "whole")}
    assert shown == {"truncated": True, "bytes": MAX_BODY_BYTES, "whole": False}
    async with asyncio.timeout(60):
        await server.hung_up.wait()


async def test_an_answer_in_very_many_chunks_is_read_up_to_a_limit_that_the_result_names(
    http: HttpProvider, server: HttpServer
) -> None:
    async def stream_chunks(writer: asyncio.StreamWriter) -> bool:
        writer.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + b"1\r\nx\r\n" * 100_000)
        await writer.drain()
        return True

    server.behave = stream_chunks

    outcome = await http.execute(a_call(a_webhook(server.url)))

    assert outcome == Success(
        result={
            "truncated": True,
            "bytes": 20_001,
            "sha256": hashlib.sha256(b"x" * 20_001).hexdigest(),
            "whole": False,
            "reason": "sent in more than 20,000 chunks",
        }
    )


@pytest.mark.parametrize(
    ("status", "outcome"),
    [
        (409, Conflict(error="127.0.0.1 answered 409: why")),
        (408, Unknown(error="127.0.0.1 answered 408: why")),
        (425, Failed(error="127.0.0.1 answered 425: why", retryable=True)),
        (429, Failed(error="127.0.0.1 answered 429: why", retryable=True)),
        (503, Unknown(error="127.0.0.1 answered 503: why")),
        (400, Failed(error="127.0.0.1 answered 400: why", retryable=False)),
        (401, Failed(error="127.0.0.1 answered 401: why", retryable=False)),
        (404, Failed(error="127.0.0.1 answered 404: why", retryable=False)),
        (422, Failed(error="127.0.0.1 answered 422: why", retryable=False)),
        (500, Unknown(error="127.0.0.1 answered 500: why")),
        (502, Unknown(error="127.0.0.1 answered 502: why")),
        (504, Unknown(error="127.0.0.1 answered 504: why")),
        (599, Unknown(error="127.0.0.1 answered 599: why")),
    ],
)
async def test_each_status_has_its_outcome(
    http: HttpProvider, server: HttpServer, status: int, outcome: Outcome
) -> None:
    assert await answered_with(http, server, status, body=b"why") == outcome


async def test_a_redirect_is_final_and_not_followed(http: HttpProvider, server: HttpServer) -> None:
    for status in (301, 302, 307, 308):
        outcome = await answered_with(http, server, status, headers={"Location": server.url})
        assert isinstance(outcome, Failed)
        assert (outcome.retryable, "config.url" in outcome.error) == (False, True)
    assert len(server.requests) == 4


@pytest.mark.parametrize("idempotent", [False, True])
async def test_a_redirect_that_may_follow_the_effect_is_doubtful(
    http: HttpProvider, server: HttpServer, *, idempotent: bool
) -> None:
    doubtful = {}
    for status in (301, 302, 303, 307, 308):
        server.behave = answer(status, headers={"Location": "/done"})
        tool = replace(a_webhook(server.url), idempotent=idempotent)
        outcome = await http.execute(a_call(tool))
        assert isinstance(outcome, Failed)
        doubtful[status] = outcome.doubtful
    no_effect = {307: False, 308: False}
    assert doubtful == dict.fromkeys((301, 302, 303), not idempotent) | no_effect


@pytest.mark.parametrize("status", [429, 503])
@pytest.mark.parametrize(
    ("header", "retry_after"),
    [
        ("120", timedelta(seconds=120)),
        (" 0 ", timedelta(0)),
        ("1.5", timedelta(seconds=1.5)),
        ("-5", None),
        ("soon", None),
        ("nan", None),
        ("", None),
        ("9" * 400, DAY),
        ("90000", DAY),
        ("Mon, 01 Jan 2001 00:00:00 GMT", None),
        ("Fri, 31 Dec 9999 23:59:59 GMT", DAY),
        ("Fri, 99 Dec 9999 23:59:59 GMT", None),
    ],
)
async def test_retry_after_is_honoured_up_to_a_limit(
    http: HttpProvider, server: HttpServer, status: int, header: str, retry_after: timedelta | None
) -> None:
    outcome = await answered_with(http, server, status, headers={"Retry-After": header})
    error = f"127.0.0.1 answered {status}"
    if status == 503 and retry_after is None:  # without Retry-After the call may have failed half-way
        assert outcome == Unknown(error=error)
    else:
        assert outcome == Failed(error=error, retryable=True, retry_after=retry_after)


async def test_retry_after_may_be_a_date(server: HttpServer) -> None:
    now = datetime.now(UTC).replace(microsecond=0)
    async with HttpProvider(SECRETS, concurrency=1, allowed_hosts=HERE, clock=lambda: now) as http:
        for zone in (
            format_datetime(now + timedelta(minutes=7), usegmt=True),
            f"{now + timedelta(minutes=7):%a, %d %b %Y %T} -0000",
        ):
            outcome = await answered_with(http, server, 503, headers={"Retry-After": zone})
            assert isinstance(outcome, Failed)
            assert outcome.retry_after == timedelta(minutes=7)


async def test_an_unknown_outcome_keeps_retry_after(http: HttpProvider, server: HttpServer) -> None:
    outcome = await answered_with(http, server, 502, headers={"Retry-After": "9"})
    assert outcome == Unknown(error="127.0.0.1 answered 502", retry_after=timedelta(seconds=9))


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


async def test_a_proxy_in_the_environment_is_not_used(server: HttpServer, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, "socks5://no such proxy")
    monkeypatch.setenv("SSL_CERT_FILE", "/no/such/file")
    async with asyncio.timeout(60), HttpProvider(SECRETS, concurrency=1, allowed_hosts=HERE) as http:
        assert await http.execute(a_call(a_webhook(server.url))) == Success(result={})


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


@pytest.mark.parametrize(
    ("config", "names"),
    [
        ({}, "config.url"),
        ({"url": 7}, "config.url"),
        ({"url": "ftp://example.com/"}, "config.url"),
        ({"url": "http://"}, "config.url"),
        ({"url": "http://[::1/"}, "config.url"),
        ({"url": "/relative"}, "config.url"),
        ({"url": "http://127.0.0.1/", "secret": None}, "config.secret"),
        ({"url": "http://127.0.0.1/", "secret": "other"}, "ACP_WEBHOOK_SECRETS"),
        ({"url": "http://127.0.0.1/", "secret": "broken"}, "ACP_WEBHOOK_SECRETS"),
        ({"url": "http://127.0.0.1/", "secret": "empty"}, "ACP_WEBHOOK_SECRETS"),
        ({"url": "http://127.0.0.1/", "secret": SECRET}, "ACP_WEBHOOK_SECRETS"),
    ],
)
async def test_a_wrongly_configured_tool_fails_permanently_and_names_the_field(
    http: HttpProvider, config: dict[str, Any], names: str
) -> None:
    outcome = await http.execute(a_call(a_tool(config=config)))
    assert isinstance(outcome, Failed)
    assert (outcome.retryable, names in outcome.error, SECRET in outcome.error) == (False, True, False)


@pytest.mark.parametrize("text", ["\ud800", float("nan"), {1, 2}])
async def test_arguments_that_are_not_json_are_never_sent(http: HttpProvider, server: HttpServer, text: object) -> None:
    outcome = await http.execute(a_call(a_webhook(server.url), arguments={"text": text}))
    assert outcome == Failed(error="arguments: they cannot be written as JSON", retryable=False)
    assert server.requests == []


async def test_an_error_contains_neither_arguments_nor_secrets_of_the_url(
    http: HttpProvider, server: HttpServer, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    url = server.url.replace("http://", "http://user:pass%20word@") + "?token=tok-en&x=1"
    server.behave = answer(
        400, body=b"'tok-en' is old. Cannot POST /hook?token=tok-en&x=1 user pass word: 'let me\nin' is no note\x00" * 9
    )

    outcome = await http.execute(a_call(a_webhook(url), arguments={"text": "let me\nin"}))

    assert isinstance(outcome, Failed)
    shown = outcome.error + caplog.text
    assert not [
        text for text in ("/hook", "tok-en", "pass", "user", "let me", "whsec", "\n", "\x00") if text in outcome.error
    ]
    assert not [text for text in ("tok-en", "pass", "let me", "whsec") if text in shown]
    assert len(outcome.error) <= 240


async def test_a_cancelled_call_is_cancelled(http: HttpProvider, server: HttpServer) -> None:
    server.behave = hang
    call = asyncio.ensure_future(http.execute(a_call(a_webhook(server.url), seconds=60)))
    async with asyncio.timeout(60):
        await server.arrived.wait()
        call.cancel()
        with pytest.raises(asyncio.CancelledError):
            await call
        await server.hung_up.wait()
