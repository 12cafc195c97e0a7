"""The outcome of each answer that an HTTP endpoint can give."""

import asyncio
import hashlib
import logging
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from services.tools import Conflict, Failed, Outcome, Success, Unknown
from services.tools.http.connection import MAX_BODY_BYTES, Exchange
from services.tools.http.pool import Pool, PoolKey
from services.tools.http.provider import HttpProvider
from tests.tools.builders import a_call
from tests.tools.servers import HttpServer, answer, stream_ten_megabytes
from tests.tools.webhooks import HERE, SECRETS, a_webhook, answered_with

DAY = timedelta(days=1)


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
