"""The outcome of each way in which Composio can answer or not answer, tested with a local stand-in."""

import asyncio
import json
import logging
import socket
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from composio_client.types import ConnectedAccountRetrieveResponse, ToolExecuteResponse, ToolListResponse
from pydantic import SecretStr

from services.accounts import AccountHealth
from services.catalog import ListedTool
from services.errors import NotFound, NotReady
from services.tools import Conflict, Failed, Outcome, Success, ToolCall, Unknown
from services.tools.composio.provider import MAX_ANSWER_BYTES, MAX_PAGES, ComposioProvider
from services.tools.http.connection import MAX_BODY_BYTES
from tests.tools.builders import TENANT, a_call, a_tool
from tests.tools.composio import DRAFT, ComposioServer, a_listed, an_account, executed, refused
from tests.tools.servers import Behaviour, answer, break_off, close_silently, hang, stream_ten_megabytes

KEY = "ak_Zk3vQ9r8GKYqrTwjUPD8"
TOOL = "GMAIL_CREATE_EMAIL_DRAFT"


@pytest.fixture
async def server(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[ComposioServer]:
    monkeypatch.setenv("NO_PROXY", "*")
    async with ComposioServer(KEY) as server:
        yield server


@pytest.fixture
async def composio(server: ComposioServer) -> AsyncIterator[ComposioProvider]:
    async with a_provider(server) as composio:
        yield composio


def a_provider(server: ComposioServer, *, key: str = KEY, concurrency: int = 4) -> ComposioProvider:
    return ComposioProvider(SecretStr(key), base_url=server.base_url, concurrency=concurrency)


def a_draft(*, idempotent: bool = False, config: dict[str, Any] | None = None, **changes: Any) -> ToolCall:
    slug = changes.pop("slug", "GMAIL__drafts.create")
    tool = a_tool(provider="composio", slug=slug, config={"tool": TOOL} | (config or {}), idempotent=idempotent)
    return a_call(tool, **changes)


async def answered_with(
    composio: ComposioProvider, server: ComposioServer, status: int, body: Any = None, **more: Any
) -> Outcome:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    server.behave = answer(status, body=raw, **more)
    return await composio.execute(a_draft())


def test_the_fake_server_answers_in_the_format_of_the_sdk() -> None:
    ToolExecuteResponse.model_validate(executed(DRAFT), strict=True)
    ConnectedAccountRetrieveResponse.model_validate(an_account())
    page = {"items": [a_listed(TOOL)], "current_page": 1, "total_items": 1, "total_pages": 1, "next_cursor": None}
    ToolListResponse.model_validate(page)


async def test_composio_gets_the_call_with_its_own_field_names(
    composio: ComposioProvider, server: ComposioServer
) -> None:
    call = a_draft(arguments={"body": "grüße", "cc": None, "n": [1.5, {"deep": None}]})

    assert await composio.execute(call) == Success(result=DRAFT)

    [request] = server.requests
    assert request.line == f"POST /api/v3.1/tools/execute/{TOOL} HTTP/1.1"
    assert json.loads(request.body) == {
        "arguments": {"body": "grüße", "cc": None, "n": [1.5, {"deep": None}]},
        "user_id": str(TENANT),
        "connected_account_id": "acc-1",
    }
    headers = {name: value for name, value in request.headers.items() if name not in ("host", "content-length")}
    assert headers == {
        "x-api-key": KEY,
        "idempotency-key": str(call.envelope_id),
        "content-type": "application/json",
        "accept": "application/json",
        "accept-encoding": "identity",
        "connection": "keep-alive",
        "user-agent": "agent-control-plane",
    }


@pytest.mark.parametrize(
    ("account", "reference", "sent"),
    [
        (None, None, None), ("ca_1aB-2", None, "ca_1aB-2"), ("aaaaaaaa-1111-4111-8111-111111111111", "ca_2", "ca_2"),
        (None, "ca_2", "ca_2"),
    ],
)  # fmt: skip
async def test_the_account_that_was_checked_is_sent_with_composios_id(
    composio: ComposioProvider, server: ComposioServer, account: str | None, reference: str | None, sent: str | None
) -> None:
    await composio.execute(replace(a_draft(account=account), account_reference=reference))
    assert json.loads(server.requests[0].body).get("connected_account_id") == sent


async def test_an_account_without_a_composio_id_is_not_replaced_by_another(
    composio: ComposioProvider, server: ComposioServer
) -> None:
    outcome = await composio.execute(a_draft(account="aaaaaaaa-1111-4111-8111-111111111111"))
    assert isinstance(outcome, Failed)
    assert not outcome.retryable
    assert "has no metadata.composio_id" in outcome.error
    assert server.requests == []


async def test_the_catalog_may_name_user_and_version(composio: ComposioProvider, server: ComposioServer) -> None:
    await composio.execute(a_draft(config={"user_id": "maria", "version": "20251027_00"}))
    body = json.loads(server.requests[0].body)
    assert (body["user_id"], body["version"]) == ("maria", "20251027_00")


async def test_without_config_tool_the_slug_in_capitals_is_the_tool(
    composio: ComposioProvider, server: ComposioServer
) -> None:
    tool = a_tool(provider="composio", slug="GMAIL__create.email-draft")
    assert await composio.execute(a_call(tool)) == Success(result=DRAFT)
    assert server.requests[0].line.split()[1].endswith(f"/execute/{TOOL}")


async def test_every_attempt_carries_the_same_key_over_a_connection_of_its_own(
    composio: ComposioProvider, server: ComposioServer
) -> None:
    envelope_id = uuid4()
    for _ in range(2):
        await composio.execute(a_draft(envelope_id=envelope_id))
    assert [r.headers["idempotency-key"] for r in server.requests] == [str(envelope_id)] * 2
    assert server.connections == 2


async def test_a_cookie_of_one_call_is_never_sent_with_the_next(
    composio: ComposioProvider, server: ComposioServer
) -> None:
    await answered_with(composio, server, 200, executed({}), headers={"Set-Cookie": "session=tenant-a; Path=/"})
    await answered_with(composio, server, 200, executed({}))
    assert "cookie" not in server.requests[1].headers


@pytest.mark.parametrize("data", [{"a": "b\x00\ud800"}, {}, None, [1], {"huge": 2**70}])
async def test_a_success_keeps_what_can_be_stored(
    composio: ComposioProvider, server: ComposioServer, data: object
) -> None:
    outcome = await answered_with(composio, server, 200, executed(data))
    assert isinstance(outcome, Success)
    assert ("\x00" in str(outcome.result), "\ud800" in str(outcome.result)) == (False, False)


async def test_a_refusal_of_the_tool_is_final_and_doubtful_and_quotes_its_message(
    composio: ComposioProvider, server: ComposioServer
) -> None:
    outcome = await answered_with(
        composio, server, 200, executed({}, successful=False, error="no such label: hello\nthere")
    )
    assert outcome == Failed(error="the tool said: no such label: … there", retryable=False, doubtful=True)
    outcome = await answered_with(composio, server, 200, executed({}, successful=False))
    assert outcome == Failed(error="the tool reported an error without saying which", retryable=False, doubtful=True)


async def test_a_refusal_of_an_idempotent_tool_is_retryable(composio: ComposioProvider, server: ComposioServer) -> None:
    server.behave = answer(200, body=json.dumps(executed({}, successful=False, error="busy")).encode())
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
    composio: ComposioProvider, server: ComposioServer, status: int, outcome: Outcome
) -> None:
    assert await answered_with(composio, server, status, refused(status, "why")) == outcome
    assert await answered_with(composio, server, status, b"why", headers={"x-should-retry": "true"}) == outcome
    assert len(server.requests) == 2


@pytest.mark.parametrize(("status", "kind"), [(429, Failed), (503, Failed), (502, Unknown)])
async def test_retry_after_is_honoured(
    composio: ComposioProvider, server: ComposioServer, status: int, kind: type[Failed | Unknown]
) -> None:
    outcome = await answered_with(composio, server, status, b"", headers={"Retry-After": "9"})
    assert isinstance(outcome, kind)
    assert outcome.retry_after == timedelta(seconds=9)


@pytest.mark.parametrize("status", [401, 403])
async def test_a_refused_key_is_final_and_names_the_setting_without_quoting(
    composio: ComposioProvider, server: ComposioServer, status: int
) -> None:
    outcome = await answered_with(composio, server, status, refused(status, f"no entry for {KEY[:12]}, says hello"))
    assert isinstance(outcome, Failed)
    assert (outcome.retryable, "ACP_COMPOSIO_API_KEY" in outcome.error) == (False, True)
    assert not [text for text in (KEY[:12], "hello", "entry") if text in outcome.error]


async def test_a_redirect_is_final_and_not_followed(composio: ComposioProvider, server: ComposioServer) -> None:
    outcome = await answered_with(composio, server, 307, b"", headers={"Location": "/elsewhere"})
    assert isinstance(outcome, Failed)
    assert (outcome.retryable, "ACP_COMPOSIO_BASE_URL" in outcome.error) == (False, True)
    assert len(server.requests) == 1


@pytest.mark.parametrize(
    "body",
    [b"", b"done", b"{", b"[]", b"null", b"{}", b'{"data": {}}', b'{"successful": "yes"}', b"[" * 100_000, b"\xff"],
)
async def test_a_success_that_cannot_be_read_is_unknown(
    composio: ComposioProvider, server: ComposioServer, body: bytes
) -> None:
    assert await answered_with(composio, server, 200, body) == Unknown(
        error="Composio answered 200 with an unreadable body"
    )


async def test_an_unrequested_compressed_answer_is_not_unpacked(
    composio: ComposioProvider, server: ComposioServer
) -> None:
    outcome = await answered_with(composio, server, 200, executed({}), headers={"Content-Encoding": "gzip"})
    assert outcome == Unknown(error="Composio answered 200 with an unreadable body")


async def test_a_long_answer_is_cut_and_its_success_flag_still_read(
    composio: ComposioProvider, server: ComposioServer
) -> None:
    flood = {"mail": "x" * 10 * 1024 * 1024}
    outcome = await answered_with(composio, server, 200, executed(flood))
    assert isinstance(outcome, Success)
    shown = {key: outcome.result[key] for key in ("truncated", "bytes", "whole")}
    assert shown == {"truncated": True, "bytes": MAX_BODY_BYTES, "whole": False}

    outcome = await answered_with(composio, server, 200, executed(flood, successful=False, error="late"))
    assert isinstance(outcome, Failed)
    assert outcome.doubtful

    with_more = {**executed(flood), "session_info": {"session_id": 's"}1', "n": 1.5e3}}
    assert isinstance(await answered_with(composio, server, 200, with_more), Success)


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
    composio: ComposioProvider, server: ComposioServer, end: dict[str, Any]
) -> None:
    outcome = await answered_with(composio, server, 200, {"flood": "x" * 2 * MAX_BODY_BYTES, **end})
    assert outcome == Unknown(error="Composio answered 200 with an unreadable body")


@pytest.mark.parametrize("status", [200, 400])
async def test_an_endless_answer_is_closed_at_the_limit(
    composio: ComposioProvider, server: ComposioServer, status: int
) -> None:
    async def pour(writer: asyncio.StreamWriter) -> bool:
        writer.write(f"HTTP/1.1 {status} Told\r\nContent-Length: {10**12}\r\n\r\n".encode())
        while True:
            writer.write(b"x" * 65536)
            await writer.drain()

    server.behave = pour
    async with asyncio.timeout(60):
        outcome = await composio.execute(a_draft(seconds=20))
        await server.hung_up.wait()
    assert isinstance(outcome, Unknown if status == 200 else Failed)


async def test_a_refused_connection_had_no_effect(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_PROXY", "*")
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # bound but not listening: nobody else can, and connections are refused
        url = f"http://127.0.0.1:{taken.getsockname()[1]}"
        async with ComposioProvider(SecretStr(KEY), base_url=url, concurrency=1) as composio:
            outcome = await composio.execute(a_draft())
    assert outcome == Failed(error="Composio: ConnectError: All connection attempts failed", retryable=True)


async def test_a_failed_tls_handshake_had_no_effect(server: ComposioServer) -> None:
    url = server.base_url.replace("http:", "https:")
    async with asyncio.timeout(60), ComposioProvider(SecretStr(KEY), base_url=url, concurrency=1) as composio:
        # Long enough for the connect timeout, a tenth shorter, to come first even on a busy machine.
        outcome = await composio.execute(a_draft(seconds=1))  # the server waits for the end of the headers
        assert outcome == Failed(error="Composio: no answer within 1 s", retryable=True)

        server.greets = False
        outcome = await composio.execute(a_draft())
    assert isinstance(outcome, Failed)
    assert outcome.retryable


async def test_neither_proxies_nor_settings_of_other_programs_change_the_address(
    server: ComposioServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", server.base_url)
    monkeypatch.setenv("COMPOSIO_BASE_URL", "https://elsewhere.example.com")
    monkeypatch.delenv("NO_PROXY", raising=False)
    monkeypatch.delenv("no_proxy", raising=False)
    server.behave = close_silently
    async with asyncio.timeout(60), ComposioProvider(SecretStr(KEY), concurrency=1) as composio:
        outcome = await composio.execute(a_draft())
    assert [r.line for r in server.requests] == ["CONNECT backend.composio.dev:443 HTTP/1.1"]
    assert isinstance(outcome, Failed)
    assert outcome.retryable


async def test_a_call_that_got_no_free_connection_had_no_effect(server: ComposioServer) -> None:
    server.behave = hang
    async with a_provider(server, concurrency=1) as composio, asyncio.timeout(60), asyncio.TaskGroup() as tasks:
        first = tasks.create_task(composio.execute(a_draft(seconds=60)))
        await server.arrived.wait()
        outcome = await composio.execute(a_draft(seconds=0.1))
        assert outcome == Failed(error="Composio: no answer within 0.1 s", retryable=True)
        first.cancel()  # and the pool still works afterwards
        await server.hung_up.wait()
        server.behave = server.as_composio
        assert await composio.execute(a_draft()) == Success(result=DRAFT)
    assert first.cancelled()


async def test_a_timeout_is_unknown_and_does_not_harm_the_pool(server: ComposioServer) -> None:
    async with a_provider(server, concurrency=1) as composio, asyncio.timeout(60):
        server.behave = hang
        outcome = await composio.execute(a_draft(seconds=0.2))
        assert outcome == Unknown(error="Composio: no answer within 0.2 s")
        await server.hung_up.wait()
        server.behave = server.as_composio
        assert await composio.execute(a_draft()) == Success(result=DRAFT)


async def test_a_deadline_covers_the_whole_answer(composio: ComposioProvider, server: ComposioServer) -> None:
    async def drip(writer: asyncio.StreamWriter) -> bool:
        writer.write(b"HTTP/1.1 200 Told\r\nContent-Length: 1000000\r\n\r\n")
        while not writer.is_closing():
            writer.write(b"x")
            await writer.drain()
            await asyncio.sleep(0)
        return False

    server.behave = drip
    async with asyncio.timeout(60):
        outcome = await composio.execute(a_draft(seconds=0.2))
    assert outcome == Unknown(error="Composio answered 200, but the answer was cut off: no answer within 0.2 s")


@pytest.mark.parametrize("behave", [close_silently, break_off(200)])
async def test_a_missing_or_cut_off_answer_is_unknown(
    composio: ComposioProvider, server: ComposioServer, behave: Behaviour
) -> None:
    server.behave = behave
    assert isinstance(await composio.execute(a_draft()), Unknown)


async def test_a_cut_off_refusal_is_still_a_refusal(composio: ComposioProvider, server: ComposioServer) -> None:
    server.behave = break_off(409, body=b"taken")
    assert await composio.execute(a_draft()) == Conflict(error="Composio answered 409: taken")


async def test_each_of_many_concurrent_calls_gets_its_own_answer(composio: ComposioProvider) -> None:
    async with asyncio.timeout(60):
        outcomes = await asyncio.gather(
            composio.execute(a_draft()),
            composio.execute(a_draft(config={"tool": "GMAIL_NONE"})),
            composio.health("gmail"),
        )
    assert [type(outcome) for outcome in outcomes] == [Success, Failed, type(None)]


async def test_a_cancelled_call_is_cancelled(composio: ComposioProvider, server: ComposioServer) -> None:
    server.behave = hang
    call = asyncio.ensure_future(composio.execute(a_draft(seconds=60)))
    async with asyncio.timeout(60):
        await server.arrived.wait()
        call.cancel()
        with pytest.raises(asyncio.CancelledError):
            await call
        await server.hung_up.wait()


@pytest.mark.parametrize(
    ("config", "names"),
    [
        ({"tool": 7}, "config.tool"),
        ({"tool": ""}, "config.tool"),
        ({"tool": "../../connected_accounts"}, "config.tool"),
        ({"tool": ".."}, "config.tool"),
        ({"user_id": 7}, "config.user_id"),
        ({"user_id": ""}, "config.user_id"),
        ({"version": 1}, "config.version"),
    ],
)
async def test_a_wrongly_configured_tool_fails_permanently_and_names_the_field(
    composio: ComposioProvider, server: ComposioServer, config: dict[str, Any], names: str
) -> None:
    outcome = await composio.execute(a_draft(config=config))
    assert isinstance(outcome, Failed)
    assert (outcome.retryable, names in outcome.error, server.requests) == (False, True, [])


@pytest.mark.parametrize("text", ["\ud800", float("nan"), {1, 2}])
async def test_arguments_that_are_not_json_are_never_sent(
    composio: ComposioProvider, server: ComposioServer, text: object
) -> None:
    outcome = await composio.execute(a_draft(arguments={"text": text}))
    assert outcome == Failed(error="arguments: they cannot be written as JSON", retryable=False)
    assert server.requests == []


async def test_without_a_key_nothing_is_sent_and_every_method_reports_it(server: ComposioServer) -> None:
    async with ComposioProvider(None, base_url=server.base_url, concurrency=1) as composio:
        outcome = await composio.execute(a_draft())
        assert isinstance(outcome, Failed)
        assert (outcome.retryable, "ACP_COMPOSIO_API_KEY" in outcome.error) == (False, True)
        with pytest.raises(NotReady, match="ACP_COMPOSIO_API_KEY"):
            await composio.list_tools("gmail")
        assert "ACP_COMPOSIO_API_KEY" in (await composio.health("gmail") or "")
    assert server.requests == []


async def test_a_call_outside_the_context_manager_fails(server: ComposioServer) -> None:
    composio = a_provider(server)
    assert await composio.execute(a_draft()) == Failed(error="the Composio provider is not running", retryable=True)


async def test_neither_errors_nor_logs_contain_the_key_arguments_or_tokens(
    server: ComposioServer, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    key = "ak_wrongwrongwrong"
    async with a_provider(server, key=key) as composio:
        shown = [str(await composio.execute(a_draft(arguments={"text": "let me\nin"})))]
        server.behave = answer(400, body=json.dumps(refused(400, f"{key} may not say 'let me\nin'")).encode())
        shown += [str(await composio.execute(a_draft(arguments={"text": "let me\nin"})))]
        shown += [await composio.health("gmail") or ""]
        server.behave = answer(200, body=json.dumps(an_account() | {"status": 7}).encode())
        with pytest.raises(NotReady) as unreadable:
            await composio.account("ca_1")
    shown += [str(unreadable.value), str(unreadable.value.__cause__), caplog.text]
    assert not [text for text in ("wrongwrong", "let me", "ya29") for shown_text in shown if text in shown_text]


async def test_a_toolkit_is_listed_to_its_last_page(composio: ComposioProvider, server: ComposioServer) -> None:
    server.listed = [a_listed(f"GMAIL_{n}", scopes=[], tags=[], description=f"no {n}") for n in range(4)]
    server.listed.append(a_listed("GMAIL_LAST", tags=["important", "readOnlyHint", "idempotentHint", "createHint"]))

    tools = await composio.list_tools("gmail")

    assert [tool.name for tool in tools] == ["GMAIL_0", "GMAIL_1", "GMAIL_2", "GMAIL_3", "GMAIL_LAST"]
    schema = {"type": "object", "properties": {"body": {"type": "string"}}, "required": ["body"]}
    assert tools[0] == ListedTool(
        name="GMAIL_0", description="no 0", schema=schema, version="20251027_00",
        config={"tool": "GMAIL_0", "version": "20251027_00"},
    )  # fmt: skip
    assert tools[4].annotations == {"readOnlyHint": True, "idempotentHint": True}
    assert tools[4].scopes == ("https://www.googleapis.com/auth/gmail.compose",)
    request = "GET /api/v3.1/tools?limit=100&toolkit_slug=gmail&toolkit_versions=latest HTTP/1.1"
    assert [
        request.line.replace("cursor=Mg%3D%3D&", "").replace("cursor=Mw%3D%3D&", "") for request in server.requests
    ] == [request] * 3


@pytest.mark.parametrize("source", ["nobody", "", "gmail/../slack", "a b"])
async def test_a_missing_toolkit_is_not_found(composio: ComposioProvider, source: str) -> None:
    with pytest.raises(NotFound, match="no tools in a toolkit"):
        await composio.list_tools(source)


@pytest.mark.parametrize(
    ("behave", "says"),
    [
        (answer(401, body=KEY.encode()), "401: check ACP_COMPOSIO_API_KEY"),
        (answer(500, body=b"why"), "answered 500: why"),
        (answer(200, body=b"{"), "unreadable"),
        (answer(200, body=b'{"items": [{"slug": 7}]}'), r"unreadable answer \(items.0.slug"),
        (answer(200, body=b'{"items": [{"slug": "X", "input_parameters": []}]}'), "input_parameters"),
        (answer(200, body=b'{"items": [], "next_cursor": {}}'), "next_cursor"),
        (break_off(200), "cut off"),
        (close_silently, "RemoteProtocolError"),
        (stream_ten_megabytes, "unreadable"),
        (answer(200, body=b"x" * (MAX_ANSWER_BYTES + 1)), "longer than"),
        (answer(200, body=b'{"items": [{"slug": "X"}], "next_cursor": "again"}'), f"more than {MAX_PAGES} pages"),
    ],
)
async def test_an_invalid_listing_is_refused(
    composio: ComposioProvider, server: ComposioServer, behave: Behaviour, says: str
) -> None:
    server.behave = behave
    with pytest.raises(NotReady, match=says) as refusal:
        await composio.list_tools("gmail")
    assert KEY not in str(refusal.value)


async def test_listings_and_lookups_have_deadlines(
    composio: ComposioProvider, server: ComposioServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("LIST_TIMEOUT", "LOOKUP_TIMEOUT"):
        monkeypatch.setattr(f"services.tools.composio.provider.{name}", timedelta(seconds=0.1))
    server.behave = hang
    async with asyncio.timeout(60):
        with pytest.raises(NotReady, match=r"within 0\.1 s"):
            await composio.list_tools("gmail")
        assert await composio.health("gmail") == "Composio: no answer within 0.1 s"


async def test_health_reads_one_tool_of_the_toolkit(composio: ComposioProvider, server: ComposioServer) -> None:
    assert await composio.health("gmail") is None
    assert "limit=1&toolkit_slug=gmail" in server.requests[0].line
    assert "'nobody'" in (await composio.health("nobody") or "")
    server.behave = answer(401)
    assert await composio.health("gmail") == "Composio answered 401: check ACP_COMPOSIO_API_KEY"


@pytest.mark.parametrize(
    ("account", "health"),
    [
        ({}, AccountHealth(status="connected")),
        ({"status": "INITIALIZING"}, AccountHealth(status="pending", reason="Composio says INITIALIZING")),
        ({"status": "INITIATED"}, AccountHealth(status="pending", reason="Composio says INITIATED")),
        (
            {"status": "EXPIRED", "status_reason": "token\nrefresh"},
            AccountHealth(status="expired", reason="token refresh"),
        ),
        ({"status": "REVOKED"}, AccountHealth(status="revoked", reason="Composio says REVOKED")),
        ({"status": "FAILED"}, AccountHealth(status="error", reason="Composio says FAILED")),
        ({"status": "NEWFANGLED"}, AccountHealth(status="error", reason="Composio says NEWFANGLED")),
        ({"status": "INACTIVE"}, AccountHealth(status="error", reason="it is disabled: enable it in Composio")),
        ({"is_disabled": True}, AccountHealth(status="error", reason="it is disabled: enable it in Composio")),
        ({"status": "EXPIRED", "is_disabled": True}, AccountHealth(status="expired", reason="Composio says EXPIRED")),
    ],
)
async def test_an_accounts_state_is_translated_to_ours(
    composio: ComposioProvider, server: ComposioServer, account: dict[str, Any], health: AccountHealth
) -> None:
    server.account = an_account(**{"state": {"authScheme": "OAUTH2", "val": {}}, "requested_scopes": None, **account})
    assert await composio.account("ca_1") == health


@pytest.mark.parametrize(
    ("account", "scopes"),
    [
        ({}, ("gmail.send", "gmail.compose")),
        (
            {"state": {"authScheme": "OAUTH2", "val": {"scope": "chat:write,channels:read"}}},
            ("chat:write", "channels:read"),
        ),
        ({"state": {"authScheme": "OAUTH2", "val": {"scope": ["a", "b"]}}}, ("a", "b")),
        ({"state": {"authScheme": "API_KEY", "val": {}}}, ("gmail.send",)),
        ({"state": {"authScheme": "API_KEY", "val": {}}, "requested_scopes": None}, ()),
    ],
)
async def test_an_accounts_scopes_are_the_granted_ones_else_the_requested(
    composio: ComposioProvider, server: ComposioServer, account: dict[str, Any], scopes: tuple[str, ...]
) -> None:
    server.account = an_account(**account)
    assert (await composio.account("ca_1")).scopes == scopes


@pytest.mark.parametrize("account_id", ["ca_2", "../tools", ""])
async def test_an_account_composio_does_not_have_is_not_found(composio: ComposioProvider, account_id: str) -> None:
    with pytest.raises(NotFound, match=r"metadata\.composio_id"):
        await composio.account(account_id)


async def test_an_account_without_a_valid_answer_raises_not_ready(
    composio: ComposioProvider, server: ComposioServer
) -> None:
    server.behave = answer(503, body=b"away")
    with pytest.raises(NotReady, match="Composio answered 503: away"):
        await composio.account("ca_1")


@pytest.mark.parametrize("later", [False, True], ids=["in one segment", "a moment later"])
async def test_a_surplus_answer_never_reaches_the_next_call(
    composio: ComposioProvider, server: ComposioServer, later: bool
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

    server.behave = twice
    for _ in range(5):
        assert await composio.execute(a_draft()) == Success(result={"for": "the caller"})
        await asyncio.sleep(0.04 if later else 0)
