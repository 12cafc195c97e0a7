"""The outcome of each answer that Composio can give, tested with a local stand-in."""

import asyncio
import json
import logging
from datetime import timedelta
from typing import Any

import pytest
from composio_client.types import ConnectedAccountRetrieveResponse, ToolExecuteResponse, ToolListResponse

from services.errors import NotReady
from services.tools import Conflict, Failed, Outcome, Success, Unknown
from services.tools.composio.provider import ComposioProvider
from services.tools.http.connection import MAX_BODY_BYTES
from tests.tools.composio import (
    DRAFT,
    KEY,
    TOOL,
    ComposioServer,
    a_draft,
    a_listed,
    a_provider,
    an_account,
    answered_with,
    executed,
    refused,
)
from tests.tools.servers import answer


def test_the_fake_server_answers_in_the_format_of_the_sdk() -> None:
    ToolExecuteResponse.model_validate(executed(DRAFT), strict=True)
    ConnectedAccountRetrieveResponse.model_validate(an_account())
    page = {"items": [a_listed(TOOL)], "current_page": 1, "total_items": 1, "total_pages": 1, "next_cursor": None}
    ToolListResponse.model_validate(page)


@pytest.mark.parametrize("data", [{"a": "b\x00\ud800"}, {}, None, [1], {"huge": 2**70}])
async def test_a_success_keeps_what_can_be_stored(
    composio: ComposioProvider, composio_server: ComposioServer, data: object
) -> None:
    outcome = await answered_with(composio, composio_server, 200, executed(data))
    assert isinstance(outcome, Success)
    assert ("\x00" in str(outcome.result), "\ud800" in str(outcome.result)) == (False, False)


async def test_a_refusal_of_the_tool_is_final_and_doubtful_and_quotes_its_message(
    composio: ComposioProvider, composio_server: ComposioServer
) -> None:
    outcome = await answered_with(
        composio, composio_server, 200, executed({}, successful=False, error="no such label: hello\nthere")
    )
    assert outcome == Failed(error="the tool said: no such label: … there", retryable=False, doubtful=True)
    outcome = await answered_with(composio, composio_server, 200, executed({}, successful=False))
    assert outcome == Failed(error="the tool reported an error without saying which", retryable=False, doubtful=True)


async def test_a_refusal_of_an_idempotent_tool_is_retryable(
    composio: ComposioProvider, composio_server: ComposioServer
) -> None:
    composio_server.behave = answer(200, body=json.dumps(executed({}, successful=False, error="busy")).encode())
    assert await composio.execute(a_draft(idempotent=True)) == Failed(error="the tool said: busy", retryable=True)


@pytest.mark.parametrize(
    ("status", "outcome"),
    [
        (409, Conflict(error="Composio answered 409: why")),
        (408, Unknown(error="Composio answered 408: why")),
        (425, Failed(error="Composio answered 425: why", retryable=True)),
        (429, Failed(error="Composio answered 429: why", retryable=True)),
        (503, Unknown(error="Composio answered 503: why")),
        (400, Failed(error="Composio answered 400: why", retryable=False)),
        (404, Failed(error="Composio answered 404: why", retryable=False)),
        (422, Failed(error="Composio answered 422: why", retryable=False)),
        (500, Unknown(error="Composio answered 500: why")),
        (502, Unknown(error="Composio answered 502: why")),
        (504, Unknown(error="Composio answered 504: why")),
    ],
)
async def test_each_status_has_its_outcome_after_one_request(
    composio: ComposioProvider, composio_server: ComposioServer, status: int, outcome: Outcome
) -> None:
    assert await answered_with(composio, composio_server, status, refused(status, "why")) == outcome
    assert await answered_with(composio, composio_server, status, b"why", headers={"x-should-retry": "true"}) == outcome
    assert len(composio_server.requests) == 2


@pytest.mark.parametrize(("status", "kind"), [(429, Failed), (503, Failed), (502, Unknown)])
async def test_retry_after_is_honoured(
    composio: ComposioProvider, composio_server: ComposioServer, status: int, kind: type[Failed | Unknown]
) -> None:
    outcome = await answered_with(composio, composio_server, status, b"", headers={"Retry-After": "9"})
    assert isinstance(outcome, kind)
    assert outcome.retry_after == timedelta(seconds=9)


@pytest.mark.parametrize("status", [401, 403])
async def test_a_refused_key_is_final_and_names_the_setting_without_quoting(
    composio: ComposioProvider, composio_server: ComposioServer, status: int
) -> None:
    outcome = await answered_with(
        composio, composio_server, status, refused(status, f"no entry for {KEY[:12]}, says hello")
    )
    assert isinstance(outcome, Failed)
    assert (outcome.retryable, "ACP_COMPOSIO_API_KEY" in outcome.error) == (False, True)
    assert not [text for text in (KEY[:12], "hello", "entry") if text in outcome.error]


@pytest.mark.parametrize(
    "body",
    [b"", b"done", b"{", b"[]", b"null", b"{}", b'{"data": {}}', b'{"successful": "yes"}', b"[" * 100_000, b"\xff"],
)
async def test_a_success_that_cannot_be_read_is_unknown(
    composio: ComposioProvider, composio_server: ComposioServer, body: bytes
) -> None:
    assert await answered_with(composio, composio_server, 200, body) == Unknown(
        error="Composio answered 200 with an unreadable body"
    )


async def test_an_unrequested_compressed_answer_is_not_unpacked(
    composio: ComposioProvider, composio_server: ComposioServer
) -> None:
    outcome = await answered_with(composio, composio_server, 200, executed({}), headers={"Content-Encoding": "gzip"})
    assert outcome == Unknown(error="Composio answered 200 with an unreadable body")


async def test_a_long_answer_is_cut_and_its_success_flag_still_read(
    composio: ComposioProvider, composio_server: ComposioServer
) -> None:
    flood = {"mail": "x" * 10 * 1024 * 1024}
    outcome = await answered_with(composio, composio_server, 200, executed(flood))
    assert isinstance(outcome, Success)
    shown = {key: outcome.result[key] for key in ("truncated", "bytes", "whole")}
    assert shown == {"truncated": True, "bytes": MAX_BODY_BYTES, "whole": False}

    outcome = await answered_with(composio, composio_server, 200, executed(flood, successful=False, error="late"))
    assert isinstance(outcome, Failed)
    assert outcome.doubtful

    with_more = {**executed(flood), "session_info": {"session_id": 's"}1', "n": 1.5e3}}
    assert isinstance(await answered_with(composio, composio_server, 200, with_more), Success)


@pytest.mark.parametrize(
    "end",
    [
        {"data": {"x": 1, "successful": True, "log_id": "1"}},
        {"data": [{"x": 1, "successful": True}], "log_id": "1"},
        {"data": ',"successful":true}'},
        {"x": 1, "successful": "true"},
        {},
    ],
)
async def test_a_long_answer_with_the_success_flag_elsewhere_is_unknown(
    composio: ComposioProvider, composio_server: ComposioServer, end: dict[str, Any]
) -> None:
    outcome = await answered_with(composio, composio_server, 200, {"flood": "x" * 2 * MAX_BODY_BYTES, **end})
    assert outcome == Unknown(error="Composio answered 200 with an unreadable body")


@pytest.mark.parametrize("status", [200, 400])
async def test_an_endless_answer_is_closed_at_the_limit(
    composio: ComposioProvider, composio_server: ComposioServer, status: int
) -> None:
    async def pour(writer: asyncio.StreamWriter) -> bool:
        writer.write(f"HTTP/1.1 {status} Told\r\nContent-Length: {10**12}\r\n\r\n".encode())
        while True:
            writer.write(b"x" * 65536)
            await writer.drain()

    composio_server.behave = pour
    async with asyncio.timeout(60):
        outcome = await composio.execute(a_draft(seconds=20))
        await composio_server.hung_up.wait()
    assert isinstance(outcome, Unknown if status == 200 else Failed)


async def test_neither_errors_nor_logs_contain_the_key_arguments_or_tokens(
    composio_server: ComposioServer, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    key = "ak_wrongwrongwrong"
    async with a_provider(composio_server, key=key) as composio:
        shown = [str(await composio.execute(a_draft(arguments={"text": "let me\nin"})))]
        composio_server.behave = answer(400, body=json.dumps(refused(400, f"{key} may not say 'let me\nin'")).encode())
        shown += [str(await composio.execute(a_draft(arguments={"text": "let me\nin"})))]
        shown += [await composio.health("gmail") or ""]
        composio_server.behave = answer(200, body=json.dumps(an_account() | {"status": 7}).encode())
        with pytest.raises(NotReady) as unreadable:
            await composio.account("ca_1")
    shown += [str(unreadable.value), str(unreadable.value.__cause__), caplog.text]
    assert not [text for text in ("wrongwrong", "let me", "ya29") for shown_text in shown if text in shown_text]
