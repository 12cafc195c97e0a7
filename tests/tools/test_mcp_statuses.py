"""An HTTP status that refuses a call before a tool has run means that the call had no effect."""

import asyncio
import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from services.outbox import Disposition
from services.tools import Failed, Outcome, Success, Unknown
from services.tools.mcp import McpServer
from services.tools.mcp.client import _Connector
from services.tools.mcp.http import MAX_OPEN_REPLIES
from services.tools.mcp.provider import McpProvider
from tests.builders import NOW
from tests.tools.builders import a_call, a_tool
from tests.tools.servers import Behaviour, HttpServer, answer, close_silently
from tests.tools.test_mcp_over_http import fine, json_rpc_answer, mcp_server
from tests.worker.builders import RULES, a_claim
from worker.settle import settle

CALL = a_tool(provider="mcp", config={"server": "remote", "tool": "pay"})
FINE = Success(result={"ok": True})
JSON = {"Content-Type": "application/json"}
ERROR = b'{"jsonrpc": "2.0", "id": null, "error": {"code": -32000, "message": "no"}}'


def remote(server: HttpServer) -> McpProvider:
    return McpProvider({"remote": McpServer(url=server.url)}, reconnect_after=timedelta(0))


def to(outcome: Outcome) -> str:
    return settle(a_claim(attempts=2), CALL, outcome, rules=RULES, now=NOW).to


def calls(server: HttpServer) -> int:
    return sum(json.loads(request.body or b"{}").get("method") == "tools/call" for request in server.requests)


@pytest.mark.parametrize("body", [b"", b"no", ERROR], ids=["empty", "text", "JSON-RPC error"])
@pytest.mark.parametrize("when", ["at the handshake", "at the call"])
@pytest.mark.parametrize("status", [401, 403])
async def test_denied_access_holds_the_envelope_and_costs_no_attempt(status: int, when: str, body: bytes) -> None:
    async with HttpServer() as server, asyncio.timeout(60), remote(server) as mcp:
        refuse = answer(status, body=body, headers=JSON if body == ERROR else {})
        server.behave = refuse if when == "at the handshake" else mcp_server(server, lambda _: refuse)
        outcome = await mcp.execute(a_call(CALL))
        assert isinstance(outcome, Failed)
        assert (outcome.held, outcome.doubtful, outcome.retry_after) == (True, False, timedelta(minutes=15))
        assert (f"answered {status}" in outcome.error, "headers in ACP_MCP_SERVERS" in outcome.error) == (True, True)
        assert to(outcome) == Disposition.HOLD
        assert calls(server) == (0 if when == "at the handshake" else 1)


@pytest.mark.parametrize("body", [b"", ERROR], ids=["empty", "JSON-RPC error"])
@pytest.mark.parametrize("when", ["at the handshake", "at the call"])
@pytest.mark.parametrize("status", [429, 503])
async def test_a_busy_server_is_called_again_after_its_retry_after(status: int, when: str, body: bytes) -> None:
    headers = {"Retry-After": "7"} | (JSON if body else {})
    async with HttpServer() as server, asyncio.timeout(60), remote(server) as mcp:
        refuse = answer(status, body=body, headers=headers)
        server.behave = refuse if when == "at the handshake" else mcp_server(server, lambda _: refuse)
        outcome = await mcp.execute(a_call(CALL))
        assert isinstance(outcome, Failed)
        assert (outcome.retryable, outcome.doubtful, outcome.retry_after) == (True, False, timedelta(seconds=7))
        assert calls(server) == (0 if when == "at the handshake" else 1)


@pytest.mark.parametrize("status", [500, 502, 503, 504, 408])
async def test_a_status_that_may_come_from_behind_a_gateway_is_unknown(status: int) -> None:
    async with HttpServer() as server, asyncio.timeout(60), remote(server) as mcp:
        server.behave = mcp_server(server, lambda _: answer(status))
        assert isinstance(await mcp.execute(a_call(CALL)), Unknown)
        assert calls(server) == 1


@pytest.mark.parametrize("status", [405, 406, 413, 415, 422])
async def test_an_http_refusal_is_final_and_not_doubtful(status: int) -> None:
    async with HttpServer() as server, asyncio.timeout(60), remote(server) as mcp:
        server.behave = mcp_server(server, lambda _: answer(status))
        outcome = await mcp.execute(a_call(CALL))
        assert outcome == Failed(error=f"MCP server 'remote' answered {status}", retryable=False)


async def test_a_session_lost_repeatedly_costs_no_attempt_and_does_not_loop() -> None:
    async with HttpServer() as server, asyncio.timeout(60), remote(server) as mcp:
        server.behave = mcp_server(server, lambda _: answer(404))
        outcome = await mcp.execute(a_call(CALL))
        assert isinstance(outcome, Failed)
        assert (outcome.held, to(outcome), calls(server)) == (True, Disposition.HOLD, 2)


async def test_a_404_is_no_lost_session_without_a_session() -> None:
    """Protocol 2026 has no sessions, and a tool's own error may have the status 404."""

    def stateless(message: Any) -> Behaviour:
        error = json.dumps(
            {"jsonrpc": "2.0", "id": message["id"], "error": {"code": -32601, "message": "gone"}}
        ).encode()
        return answer(404, body=error, headers=JSON)

    async with HttpServer() as server, asyncio.timeout(60), remote(server) as mcp:
        server.behave = mcp_server(server, stateless, session=None)
        outcome = await mcp.execute(a_call(CALL))
        assert isinstance(outcome, Failed)
        assert (outcome.retryable, outcome.doubtful, calls(server)) == (False, True, 1)


async def test_a_404_with_an_answer_to_the_call_is_no_lost_session_where_a_ping_finds_it() -> None:
    def refuse(message: Any) -> Behaviour:
        error = json.dumps(
            {"jsonrpc": "2.0", "id": message["id"], "error": {"code": -32601, "message": "gone"}}
        ).encode()
        return answer(404, body=error, headers=JSON)

    async with HttpServer() as server, asyncio.timeout(60), remote(server) as mcp:
        server.behave = mcp_server(server, refuse)
        outcome = await mcp.execute(a_call(CALL))
        assert isinstance(outcome, Failed)
        assert (outcome.retryable, outcome.doubtful, calls(server)) == (False, True, 1)


async def test_a_server_lost_after_the_handshake_costs_attempts_like_an_unreachable_one() -> None:
    async with asyncio.timeout(60), HttpServer() as server:
        server.behave = mcp_server(server, fine)
        async with remote(server) as mcp:
            assert await mcp.execute(a_call(CALL)) == FINE
            await server.__aexit__(None, None, None)
            async with asyncio.timeout(60):
                outcomes = [await mcp.execute(a_call(CALL)) for _ in range(2)]
    assert isinstance(outcomes[-1], Failed)
    assert (outcomes[-1].held, outcomes[-1].retryable) == (False, True)
    assert "did not start (ConnectError)" in outcomes[-1].error


async def test_a_redirect_loop_is_not_held() -> None:
    async with HttpServer() as server, asyncio.timeout(60), remote(server) as mcp:
        server.behave = mcp_server(server, lambda _: answer(307, headers={"Location": f"/{len(server.requests)}"}))
        outcome = await mcp.execute(a_call(CALL))
        assert (to(outcome), calls(server)) == (Disposition.FAILED, 5)


@pytest.mark.parametrize("trouble", [close_silently, answer(200, body=b"{", headers=JSON), answer(500), answer(404)])
async def test_a_failed_call_does_not_affect_concurrent_ones(trouble: Behaviour) -> None:
    """Not even a lost session ends the open calls in it."""
    may_answer = asyncio.Event()

    def on_call(message: Any) -> Behaviour:
        async def later(writer: asyncio.StreamWriter) -> bool:
            await may_answer.wait()
            return await fine(message)(writer)

        return later if message["params"]["arguments"].get("slow") else trouble

    async with HttpServer() as server, asyncio.timeout(60), remote(server) as mcp:
        server.behave = mcp_server(server, on_call)
        slow = asyncio.create_task(mcp.execute(a_call(CALL, arguments={"slow": True}, seconds=20)))
        assert not isinstance(await mcp.execute(a_call(CALL)), Success)
        may_answer.set()
        assert await slow == FINE


def another_id(change: Callable[[int], Any]) -> Callable[[Any], Behaviour]:
    return lambda message: json_rpc_answer(
        {"id": change(message["id"])}, result={"content": [], "structuredContent": {"ok": False}}
    )


@pytest.mark.parametrize("change", [lambda at: at + 1, lambda _: 1, str, float, lambda _: None, lambda at: [at]])
async def test_an_answer_with_another_id_reaches_no_call(change: Callable[[int], Any]) -> None:
    async with HttpServer() as server, asyncio.timeout(60), remote(server) as mcp:
        server.behave = mcp_server(server, another_id(change))
        assert isinstance(await mcp.execute(a_call(CALL)), Unknown)
        server.behave = mcp_server(server, fine)
        assert await mcp.execute(a_call(CALL)) == FINE


@pytest.mark.parametrize("later", [False, True], ids=["in one segment", "while the connection rests"])
async def test_a_second_answer_on_a_connection_reaches_no_other_call(later: bool) -> None:
    """A surplus answer, even with a guessed id, ends only its connection."""
    surplus = b"HTTP/1.1 200 Told\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}"

    def twice(message: Any) -> Behaviour:
        async def behave(writer: asyncio.StreamWriter) -> bool:
            body = json.dumps({"jsonrpc": "2.0", "id": message["id"], "result": {"content": []}}).encode()
            head = b"HTTP/1.1 200 Told\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(body)
            writer.write(head + body + (b"" if later else surplus))
            await writer.drain()
            if later:
                asyncio.get_running_loop().call_later(0.05, writer.write, surplus)
            return True

        return behave

    async with HttpServer() as server, asyncio.timeout(60), remote(server) as mcp:
        server.behave = mcp_server(server, twice)
        for _ in range(10):
            assert await mcp.execute(a_call(CALL)) == Success(result=[])
            await asyncio.sleep(0.1 if later else 0)


async def test_each_connection_is_checked_before_it_is_used_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """aiohttp calls a private method that `_Connector` overrides."""
    looks, plain = [], _Connector._get  # noqa: SLF001  # the original method of the class

    async def looking(self: _Connector, key: Any, traces: Any) -> Any:
        connection = await plain(self, key, traces)
        looks.append(connection is not None)
        return connection

    monkeypatch.setattr(_Connector, "_get", looking)
    async with HttpServer() as server, asyncio.timeout(20), remote(server) as mcp:
        server.behave = mcp_server(server, fine)
        for _ in range(3):
            assert await mcp.execute(a_call(CALL)) == FINE
    assert looks.count(True) >= 2


async def test_redirects_are_followed_only_within_the_origin() -> None:
    async with HttpServer() as server, HttpServer() as elsewhere, asyncio.timeout(60):

        async def behave(writer: asyncio.StreamWriter) -> bool:
            moved = " /hook/ " in server.requests[-1].line
            do = mcp_server(server, fine) if moved else answer(307, headers={"Location": "/hook/"})
            return await do(writer)

        server.behave = behave
        async with remote(server) as mcp:
            assert await mcp.execute(a_call(CALL)) == FINE
        server.behave = answer(307, headers={"Location": elsewhere.url})
        async with remote(server) as mcp:
            assert isinstance(await mcp.execute(a_call(CALL)), Failed)
        assert elsewhere.requests == []


def events(*events: bytes, closes: bool = True) -> Behaviour:
    async def behave(writer: asyncio.StreamWriter) -> bool:
        writer.write(b"HTTP/1.1 200 Told\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\n")
        for event in events:
            writer.write(event + b"\n\n")
        await writer.drain()
        return not closes

    return behave


async def test_an_answer_in_a_stream_is_found_and_a_broken_stream_is_resumed() -> None:
    """The tool is not called again."""
    requests: list[Any] = []

    def on_call(message: Any) -> Behaviour:
        requests.append(message)
        note = b'event: message\ndata: {"jsonrpc": "2.0", "method": "notifications/progress", "params": {}}'
        return events(b": hello", note, b"retry: 100\nid: seven\ndata: ")

    async with HttpServer() as server, asyncio.timeout(60), remote(server) as mcp:
        usual = mcp_server(server, on_call)

        async def behave(writer: asyncio.StreamWriter) -> bool:
            request = server.requests[-1]
            if not request.line.startswith("GET") or not requests:
                return await usual(writer)
            assert (request.headers["last-event-id"], request.headers["mcp-session-id"]) == ("seven", "1")
            result = {"content": [], "structuredContent": {"ok": True}}
            answered = json.dumps({"jsonrpc": "2.0", "id": requests[-1]["id"], "result": result}).encode()
            first, second = answered.split(b" ", 1)
            return await events(b"id: eight\ndata: " + first + b"\ndata: " + second)(writer)

        server.behave = behave
        assert await mcp.execute(a_call(CALL)) == FINE
        assert calls(server) == 1


@pytest.mark.parametrize("event", [b"data: {half", b"data: []", b"data: {}", b"", b"id: x"], ids=str)
async def test_events_without_an_answer_leave_the_call_unknown(event: bytes) -> None:
    async with HttpServer() as server, asyncio.timeout(60), remote(server) as mcp:
        server.behave = mcp_server(server, lambda _: events(event))
        assert isinstance(await mcp.execute(a_call(CALL, seconds=1)), Unknown)
        server.behave = mcp_server(server, fine)
        assert await mcp.execute(a_call(CALL)) == FINE


async def test_endless_requests_of_a_server_get_few_replies_and_few_connections() -> None:
    def ask(message: Any) -> Behaviour:
        requests = [{"jsonrpc": "2.0", "method": "ping", "id": number} for number in range(500)]
        mine = {"jsonrpc": "2.0", "id": message["id"], "result": {"content": [], "structuredContent": {"ok": True}}}
        return answer(200, body=json.dumps([*requests, mine]).encode(), headers=JSON)

    async with HttpServer() as server, asyncio.timeout(60), remote(server) as mcp:
        server.behave = mcp_server(server, ask)
        assert await mcp.execute(a_call(CALL)) == FINE
        server.behave = mcp_server(server, fine)
        for _ in range(50):
            assert await mcp.execute(a_call(CALL)) == FINE
        pongs = [request for request in server.requests if json.loads(request.body or b"{}").get("result") == {}]
        assert (len(pongs), server.connections <= 20) == (MAX_OPEN_REPLIES, True)


async def test_notifications_beyond_the_queue_limit_are_dropped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("services.tools.mcp.wire.MAX_QUEUED_MESSAGES", 7)
    changed_servers: list[str] = []

    def tell(message: Any) -> Behaviour:
        notices = [{"jsonrpc": "2.0", "method": "notifications/tools/list_changed"}] * 500
        mine = {"jsonrpc": "2.0", "id": message["id"], "result": {"content": [], "structuredContent": {"ok": True}}}
        return answer(200, body=json.dumps([*notices, mine]).encode(), headers=JSON)

    async with HttpServer() as server, asyncio.timeout(60):
        settings = {"remote": McpServer(url=server.url)}
        async with McpProvider(settings, on_tools_changed=changed_servers.append) as mcp:
            server.behave = mcp_server(server, tell)
            assert await mcp.execute(a_call(CALL)) == FINE
            server.behave = mcp_server(server, fine)
            for _ in range(20):
                assert await mcp.execute(a_call(CALL)) == FINE
    assert len(changed_servers) in {7, 8}  # one may be delivered before the queue is counted
