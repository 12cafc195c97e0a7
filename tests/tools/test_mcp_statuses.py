"""What an MCP server says by an HTTP status, before a tool has run, is believed: nothing happened."""

import asyncio
import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from control_plane.settings import McpServer
from services.outbox import Disposition
from services.tools import Failed, Outcome, Success, Unknown
from services.tools.mcp.http import MAX_OPEN_REPLIES, _Connector
from services.tools.mcp.provider import McpProvider
from tests.builders import NOW
from tests.tools.builders import a_call, a_tool
from tests.tools.servers import Behaviour, HttpServer, answer, close_silently
from tests.tools.test_mcp_over_http import fine, speaks, told
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
async def test_a_server_that_does_not_let_us_in_holds_the_envelope_at_no_cost(
    status: int, when: str, body: bytes
) -> None:
    async with HttpServer() as server, asyncio.timeout(60), remote(server) as mcp:
        refuse = answer(status, body=body, headers=JSON if body == ERROR else {})
        server.behave = refuse if when == "at the handshake" else speaks(server, lambda _: refuse)
        outcome = await mcp.execute(a_call(CALL))
        assert isinstance(outcome, Failed)
        assert (outcome.held, outcome.doubtful, outcome.retry_after) == (True, False, timedelta(minutes=15))
        assert (f"answered {status}" in outcome.error, "headers in ACP_MCP_SERVERS" in outcome.error) == (True, True)
        assert to(outcome) == Disposition.HOLD
        assert calls(server) == (0 if when == "at the handshake" else 1)


@pytest.mark.parametrize("body", [b"", ERROR], ids=["empty", "JSON-RPC error"])
@pytest.mark.parametrize("when", ["at the handshake", "at the call"])
@pytest.mark.parametrize("status", [429, 503])
async def test_a_server_that_is_busy_is_called_again_when_it_says(status: int, when: str, body: bytes) -> None:
    headers = {"Retry-After": "7"} | (JSON if body else {})
    async with HttpServer() as server, asyncio.timeout(60), remote(server) as mcp:
        refuse = answer(status, body=body, headers=headers)
        server.behave = refuse if when == "at the handshake" else speaks(server, lambda _: refuse)
        outcome = await mcp.execute(a_call(CALL))
        assert isinstance(outcome, Failed)
        assert (outcome.retryable, outcome.doubtful, outcome.retry_after) == (True, False, timedelta(seconds=7))
        assert calls(server) == (0 if when == "at the handshake" else 1)


@pytest.mark.parametrize("status", [500, 502, 503, 504, 408])
async def test_a_status_that_may_come_from_behind_a_gateway_is_unknown(status: int) -> None:
    async with HttpServer() as server, asyncio.timeout(60), remote(server) as mcp:
        server.behave = speaks(server, lambda _: answer(status))
        assert isinstance(await mcp.execute(a_call(CALL)), Unknown)
        assert calls(server) == 1


@pytest.mark.parametrize("status", [405, 406, 413, 415, 422])
async def test_a_status_by_which_http_refuses_the_request_is_final_and_not_doubtful(status: int) -> None:
    async with HttpServer() as server, asyncio.timeout(60), remote(server) as mcp:
        server.behave = speaks(server, lambda _: answer(status))
        outcome = await mcp.execute(a_call(CALL))
        assert outcome == Failed(error=f"MCP server 'remote' answered {status}", retryable=False)


async def test_a_session_that_is_lost_again_and_again_costs_no_attempt_and_does_not_go_round() -> None:
    async with HttpServer() as server, asyncio.timeout(60), remote(server) as mcp:
        server.behave = speaks(server, lambda _: answer(404))
        outcome = await mcp.execute(a_call(CALL))
        assert isinstance(outcome, Failed)
        assert (outcome.held, to(outcome), calls(server)) == (True, Disposition.HOLD, 2)


async def test_a_404_is_no_lost_session_where_there_is_none() -> None:
    """As of 2026 there are no sessions, and a tool's own error may come with that status."""

    def stateless(said: Any) -> Behaviour:
        error = json.dumps({"jsonrpc": "2.0", "id": said["id"], "error": {"code": -32601, "message": "gone"}}).encode()
        return answer(404, body=error, headers=JSON)

    async with HttpServer() as server, asyncio.timeout(60), remote(server) as mcp:
        server.behave = speaks(server, stateless, session=None)
        outcome = await mcp.execute(a_call(CALL))
        assert isinstance(outcome, Failed)
        assert (outcome.retryable, outcome.doubtful, calls(server)) == (False, True, 1)


async def test_a_404_with_an_answer_to_the_call_is_no_lost_session_where_a_ping_finds_it() -> None:
    def refuse(said: Any) -> Behaviour:
        error = json.dumps({"jsonrpc": "2.0", "id": said["id"], "error": {"code": -32601, "message": "gone"}}).encode()
        return answer(404, body=error, headers=JSON)

    async with HttpServer() as server, asyncio.timeout(60), remote(server) as mcp:
        server.behave = speaks(server, refuse)
        outcome = await mcp.execute(a_call(CALL))
        assert isinstance(outcome, Failed)
        assert (outcome.retryable, outcome.doubtful, calls(server)) == (False, True, 1)


async def test_a_server_that_is_gone_after_the_handshake_costs_attempts_as_one_that_never_was() -> None:
    async with asyncio.timeout(60), HttpServer() as server:
        server.behave = speaks(server, fine)
        async with remote(server) as mcp:
            assert await mcp.execute(a_call(CALL)) == FINE
            await server.__aexit__(None, None, None)
            async with asyncio.timeout(60):
                outcomes = [await mcp.execute(a_call(CALL)) for _ in range(2)]
    assert isinstance(outcomes[-1], Failed)
    assert (outcomes[-1].held, outcomes[-1].retryable) == (False, True)
    assert "did not start (ConnectError)" in outcomes[-1].error


async def test_a_call_that_is_sent_in_a_circle_is_not_held() -> None:
    async with HttpServer() as server, asyncio.timeout(60), remote(server) as mcp:
        server.behave = speaks(server, lambda _: answer(307, headers={"Location": f"/{len(server.requests)}"}))
        outcome = await mcp.execute(a_call(CALL))
        assert (to(outcome), calls(server)) == (Disposition.FAILED, 5)


@pytest.mark.parametrize("trouble", [close_silently, answer(200, body=b"{", headers=JSON), answer(500), answer(404)])
async def test_one_call_that_fails_leaves_its_neighbours_alone(trouble: Behaviour) -> None:
    """Not even a lost session ends what is under way in it."""
    may_answer = asyncio.Event()

    def on_call(said: Any) -> Behaviour:
        async def later(writer: asyncio.StreamWriter) -> bool:
            await may_answer.wait()
            return await fine(said)(writer)

        return later if said["params"]["arguments"].get("slow") else trouble

    async with HttpServer() as server, asyncio.timeout(60), remote(server) as mcp:
        server.behave = speaks(server, on_call)
        slow = asyncio.create_task(mcp.execute(a_call(CALL, arguments={"slow": True}, seconds=20)))
        assert not isinstance(await mcp.execute(a_call(CALL)), Success)
        may_answer.set()
        assert await slow == FINE


def another_id(change: Callable[[int], Any]) -> Callable[[Any], Behaviour]:
    return lambda said: told({"id": change(said["id"])}, result={"content": [], "structuredContent": {"ok": False}})


@pytest.mark.parametrize("change", [lambda at: at + 1, lambda _: 1, str, float, lambda _: None, lambda at: [at]])
async def test_an_answer_under_another_id_is_nobodys(change: Callable[[int], Any]) -> None:
    async with HttpServer() as server, asyncio.timeout(60), remote(server) as mcp:
        server.behave = speaks(server, another_id(change))
        assert isinstance(await mcp.execute(a_call(CALL)), Unknown)
        server.behave = speaks(server, fine)
        assert await mcp.execute(a_call(CALL)) == FINE


@pytest.mark.parametrize("later", [False, True], ids=["in one segment", "while the connection rests"])
async def test_a_second_answer_on_a_connection_reaches_no_other_call(later: bool) -> None:
    """A surplus answer, even one that guesses ids, ends its connection and nothing else."""
    surplus = b"HTTP/1.1 200 Told\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}"

    def twice(said: Any) -> Behaviour:
        async def behave(writer: asyncio.StreamWriter) -> bool:
            body = json.dumps({"jsonrpc": "2.0", "id": said["id"], "result": {"content": []}}).encode()
            head = b"HTTP/1.1 200 Told\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(body)
            writer.write(head + body + (b"" if later else surplus))
            await writer.drain()
            if later:
                asyncio.get_running_loop().call_later(0.05, writer.write, surplus)
            return True

        return behave

    async with HttpServer() as server, asyncio.timeout(60), remote(server) as mcp:
        server.behave = speaks(server, twice)
        for _ in range(10):
            assert await mcp.execute(a_call(CALL)) == Success(result=[])
            await asyncio.sleep(0.1 if later else 0)


async def test_each_connection_is_looked_at_before_it_is_used_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """By a method that aiohttp calls and does not promise to."""
    looks, plain = [], _Connector._get  # noqa: SLF001  # as aiohttp does

    async def looking(self: _Connector, key: Any, traces: Any) -> Any:
        connection = await plain(self, key, traces)
        looks.append(connection is not None)
        return connection

    monkeypatch.setattr(_Connector, "_get", looking)
    async with HttpServer() as server, asyncio.timeout(20), remote(server) as mcp:
        server.behave = speaks(server, fine)
        for _ in range(3):
            assert await mcp.execute(a_call(CALL)) == FINE
    assert looks.count(True) >= 2


async def test_a_server_that_moved_within_its_origin_is_followed_and_no_further() -> None:
    async with HttpServer() as server, HttpServer() as elsewhere, asyncio.timeout(60):

        async def behave(writer: asyncio.StreamWriter) -> bool:
            moved = " /hook/ " in server.requests[-1].line
            do = speaks(server, fine) if moved else answer(307, headers={"Location": "/hook/"})
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


async def test_an_answer_among_events_is_found_and_a_stream_that_breaks_is_taken_up_where_it_broke() -> None:
    """The tool is not called again for that."""
    asked: list[Any] = []

    def on_call(said: Any) -> Behaviour:
        asked.append(said)
        note = b'event: message\ndata: {"jsonrpc": "2.0", "method": "notifications/progress", "params": {}}'
        return events(b": hello", note, b"retry: 100\nid: seven\ndata: ")

    async with HttpServer() as server, asyncio.timeout(60), remote(server) as mcp:
        usual = speaks(server, on_call)

        async def behave(writer: asyncio.StreamWriter) -> bool:
            request = server.requests[-1]
            if not request.line.startswith("GET") or not asked:
                return await usual(writer)
            assert (request.headers["last-event-id"], request.headers["mcp-session-id"]) == ("seven", "1")
            result = {"content": [], "structuredContent": {"ok": True}}
            answered = json.dumps({"jsonrpc": "2.0", "id": asked[-1]["id"], "result": result}).encode()
            first, second = answered.split(b" ", 1)
            return await events(b"id: eight\ndata: " + first + b"\ndata: " + second)(writer)

        server.behave = behave
        assert await mcp.execute(a_call(CALL)) == FINE
        assert calls(server) == 1


@pytest.mark.parametrize("event", [b"data: {half", b"data: []", b"data: {}", b"", b"id: x"], ids=str)
async def test_events_without_an_answer_leave_the_call_unknown(event: bytes) -> None:
    async with HttpServer() as server, asyncio.timeout(60), remote(server) as mcp:
        server.behave = speaks(server, lambda _: events(event))
        assert isinstance(await mcp.execute(a_call(CALL, seconds=1)), Unknown)
        server.behave = speaks(server, fine)
        assert await mcp.execute(a_call(CALL)) == FINE


async def test_a_server_that_asks_without_end_gets_few_answers_and_takes_few_connections() -> None:
    def ask(said: Any) -> Behaviour:
        asked = [{"jsonrpc": "2.0", "method": "ping", "id": number} for number in range(500)]
        mine = {"jsonrpc": "2.0", "id": said["id"], "result": {"content": [], "structuredContent": {"ok": True}}}
        return answer(200, body=json.dumps([*asked, mine]).encode(), headers=JSON)

    async with HttpServer() as server, asyncio.timeout(60), remote(server) as mcp:
        server.behave = speaks(server, ask)
        assert await mcp.execute(a_call(CALL)) == FINE
        server.behave = speaks(server, fine)
        for _ in range(50):
            assert await mcp.execute(a_call(CALL)) == FINE
        pongs = [request for request in server.requests if json.loads(request.body or b"{}").get("result") == {}]
        assert (len(pongs), server.connections <= 20) == (MAX_OPEN_REPLIES, True)


async def test_of_many_notices_a_session_hears_no_more_than_may_wait_for_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("services.tools.mcp.wire.MAX_QUEUED_MESSAGES", 7)
    heard: list[str] = []

    def tell(said: Any) -> Behaviour:
        notices = [{"jsonrpc": "2.0", "method": "notifications/tools/list_changed"}] * 500
        mine = {"jsonrpc": "2.0", "id": said["id"], "result": {"content": [], "structuredContent": {"ok": True}}}
        return answer(200, body=json.dumps([*notices, mine]).encode(), headers=JSON)

    async with HttpServer() as server, asyncio.timeout(60):
        settings = {"remote": McpServer(url=server.url)}
        async with McpProvider(settings, on_tools_changed=heard.append) as mcp:
            server.behave = speaks(server, tell)
            assert await mcp.execute(a_call(CALL)) == FINE
            server.behave = speaks(server, fine)
            for _ in range(20):
                assert await mcp.execute(a_call(CALL)) == FINE
    assert len(heard) in {7, 8}  # one may go to who waits for it already
