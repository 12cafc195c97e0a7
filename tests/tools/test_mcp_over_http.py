"""MCP over streamable HTTP has the same outcomes as over stdio; tested with the protocol's example server."""

import asyncio
import gzip
import json
import os
import signal
import socket
import subprocess
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import timedelta
from pathlib import Path
from time import monotonic
from typing import Any

import pytest

from services.errors import NotReady
from services.tools import Failed, Success, Unknown
from services.tools.mcp import McpServer
from services.tools.mcp.provider import McpProvider
from tests.tools.builders import a_call, a_tool
from tests.tools.servers import Behaviour, HttpServer, answer, hang

PROGRAM = Path(__file__).parents[2] / ".local" / "npm" / "node_modules" / ".bin" / "mcp-server-everything"
WITHIN = 60.0


class Everything:
    """The protocol's own example server, listening on a free port."""

    def __init__(self) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = int(probe.getsockname()[1])
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def settings(self) -> McpServer:
        return McpServer(url=f"http://127.0.0.1:{self.port}/mcp")

    def start(self) -> None:
        environment = {**os.environ, "PORT": str(self.port)}
        self._process = subprocess.Popen(
            [PROGRAM, "streamableHttp"], env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            start_new_session=True,
        )  # fmt: skip
        deadline = monotonic() + WITHIN
        while not self._listens():
            with suppress(subprocess.TimeoutExpired):
                self._process.wait(timeout=0.1)
            assert monotonic() < deadline, "the server does not listen"

    def kill(self) -> None:
        if self._process is not None:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()
            self._process = None

    def _listens(self) -> bool:
        try:
            socket.create_connection(("127.0.0.1", self.port), timeout=1).close()
        except OSError:
            return False
        return True


@contextmanager
def everything() -> Iterator[Everything]:
    if not PROGRAM.exists():
        assert not os.environ.get("REQUIRE_REAL"), "REQUIRE_REAL is set, but server-everything is not installed"
        pytest.skip("server-everything is not installed: make npm")
    server = Everything()
    server.start()
    try:
        yield server
    finally:
        server.kill()


@pytest.fixture(scope="module")
def server() -> Iterator[Everything]:
    with everything() as server:
        yield server


@pytest.fixture
async def mcp(server: Everything) -> AsyncIterator[McpProvider]:
    async with McpProvider({"everything": server.settings}) as mcp:
        yield mcp


ECHO = a_tool(provider="mcp", config={"server": "everything", "tool": "echo"})
LONG = a_tool(provider="mcp", config={"server": "everything", "tool": "trigger-long-running-operation"})
TEN_SECONDS = {"duration": 10, "steps": 2}


async def test_tools_are_listed_and_called_over_http(mcp: McpProvider) -> None:
    listed = {tool.name: tool for tool in await mcp.list_tools("everything")}
    assert listed["echo"].config == {"server": "everything", "tool": "echo"}
    assert listed["echo"].schema["required"] == ["message"]
    outcome = await mcp.execute(a_call(ECHO, arguments={"message": "hi"}))
    assert outcome == Success(result=[{"type": "text", "text": "Echo: hi"}])
    assert await mcp.health("everything") is None


async def test_calls_run_side_by_side_and_one_deadline_ends_one_call(mcp: McpProvider) -> None:
    async with asyncio.timeout(60):
        await mcp.execute(a_call(ECHO, arguments={"message": "now there is a session"}))
        slow = asyncio.create_task(mcp.execute(a_call(LONG, arguments=TEN_SECONDS, seconds=3)))
        quick = await asyncio.gather(*(mcp.execute(a_call(ECHO, arguments={"message": str(n)})) for n in range(20)))
        assert {type(outcome) for outcome in quick} == {Success}
        assert await slow == Unknown(error="MCP server 'everything' gave no answer within 3 s")
        assert isinstance(await mcp.execute(a_call(ECHO, arguments={"message": "after"})), Success)


async def test_a_server_that_dies_during_a_call_leaves_it_unknown_and_is_reached_again_when_it_is_back() -> None:
    with everything() as server:
        async with (
            asyncio.timeout(60),
            McpProvider({"everything": server.settings}, reconnect_after=timedelta(0)) as mcp,
        ):
            assert isinstance(await mcp.execute(a_call(ECHO, arguments={"message": "hi"})), Success)
            call = asyncio.create_task(mcp.execute(a_call(LONG, arguments=TEN_SECONDS, seconds=20)))
            await mcp.execute(a_call(ECHO, arguments={"message": "the other has left by now"}))
            server.kill()
            assert isinstance(await call, Unknown)
            await asyncio.to_thread(server.start)
            outcomes = [await mcp.execute(a_call(ECHO, arguments={"message": "hi"})) for _ in range(3)]
            assert isinstance(outcomes[-1], Success)


async def test_an_unreachable_server_is_retried_later() -> None:
    async with McpProvider({"everything": McpServer(url="http://127.0.0.1:1/mcp")}) as mcp:
        outcome = await mcp.execute(a_call(ECHO, arguments={"message": "hi"}))
        assert isinstance(outcome, Failed)
        assert outcome.retryable
        assert "did not start (ConnectError): check its url and headers in ACP_MCP_SERVERS" in outcome.error


@pytest.mark.parametrize("status", [401, 403, 404, 500])
async def test_a_server_that_denies_access_is_reported_by_its_setting_without_secrets(status: int) -> None:
    async with HttpServer() as server, asyncio.timeout(60):
        server.behave = answer(status, body=b'{"error": "s3cret"}')
        settings = McpServer.model_validate({"url": server.url, "headers": {"Authorization": "Bearer s3cret"}})
        async with McpProvider({"everything": settings}) as mcp:
            outcome = await mcp.execute(a_call(ECHO, arguments={"message": "hi"}))
            problem = await mcp.health("everything")
    assert isinstance(outcome, Failed)
    assert server.requests[0].headers["authorization"] == "Bearer s3cret"
    assert "url and headers in ACP_MCP_SERVERS" in outcome.error
    assert "s3cret" not in f"{outcome}{problem}"


async def test_a_server_that_never_answers_is_abandoned_at_the_deadline() -> None:
    async with HttpServer() as server, asyncio.timeout(60):
        server.behave = hang
        async with McpProvider({"everything": McpServer(url=server.url)}) as mcp:
            outcome = await mcp.execute(a_call(ECHO, arguments={"message": "hi"}, seconds=0.3))
    assert outcome == Failed(error="MCP server 'everything' was not ready within 0.3 s", retryable=True)


Script = Callable[[Mapping[str, Any]], Behaviour]


def mcp_server(server: HttpServer, on_call: Script, *, deaf: bool = False, session: str | None = "1") -> Behaviour:
    """A server that handles the protocol; `on_call` answers calls, and a deaf server answers no pings."""

    async def behave(writer: asyncio.StreamWriter) -> bool:
        message = json.loads(server.requests[-1].body or b"{}")
        method = message.get("method")
        if method == "ping" and deaf:
            await writer.wait_closed()
            return False
        if method == "tools/call":
            do = on_call(message)
        elif method == "initialize":
            result = {
                "protocolVersion": message["params"]["protocolVersion"], "capabilities": {"tools": {}},
                "serverInfo": {"name": "scripted", "version": "1"},
            }  # fmt: skip
            do = json_rpc_answer(message, session=session, result=result)
        elif method == "tools/list":
            do = json_rpc_answer(
                message, result={"tools": [{"name": "fine", "inputSchema": {"type": "object"}}, {"name": "odd"}]}
            )
        elif method == "ping":
            do = json_rpc_answer(message, result={})
        elif "id" in message:
            do = json_rpc_answer(message, error={"code": -32601, "message": "Method not found"})
        else:  # no event stream; notifications are accepted
            do = answer(202 if message else 405)
        return await do(writer)

    return behave


def json_rpc_answer(message: Mapping[str, Any], *, session: str | None = None, **content: Any) -> Behaviour:
    body = json.dumps({"jsonrpc": "2.0", "id": message["id"], **content}).encode()
    known = {} if session is None else {"Mcp-Session-Id": session}
    return answer(200, body=body, headers={"Content-Type": "application/json", **known})


def fine(message: Mapping[str, Any]) -> Behaviour:
    return json_rpc_answer(message, result={"content": [], "structuredContent": {"ok": True}})


def compressed(message: Mapping[str, Any]) -> Behaviour:
    body = gzip.compress(json.dumps({"jsonrpc": "2.0", "id": message["id"], "result": {"content": []}}).encode())
    return answer(200, body=body, headers={"Content-Type": "application/json", "Content-Encoding": "gzip"})


@pytest.mark.parametrize(
    "unreadable",
    [
        lambda _: answer(200, body=b'{"half":', headers={"Content-Type": "application/json"}),
        lambda _: answer(200, body=b"event: message\ndata: {half\n\n", headers={"Content-Type": "text/event-stream"}),
        lambda _: answer(200, body=b"fine", headers={"Content-Type": "text/plain"}),
        lambda _: answer(202),
        compressed,
        lambda message: json_rpc_answer(message, result={"content": [{"type": "text", "text": "x" * 20_000}]}),
    ],
    ids=["broken", "broken event", "text", "nothing", "compressed", "long"],
)
async def test_an_answer_that_cannot_be_read_leaves_the_call_unknown(
    unreadable: Script, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("services.tools.mcp.wire.MAX_MESSAGE_BYTES", 10_000)
    async with HttpServer() as server, asyncio.timeout(60):
        server.behave = mcp_server(server, unreadable)
        async with McpProvider({"everything": McpServer(url=server.url)}) as mcp:
            outcome = await mcp.execute(a_call(ECHO, seconds=1))
            assert isinstance(outcome, Unknown)
            server.behave = mcp_server(server, fine)
            assert await mcp.execute(a_call(ECHO)) == Success(result={"ok": True})
    assert all(record.exc_info is None for record in caplog.records if record.name.startswith("mcp."))


@pytest.mark.parametrize(
    "forgotten",
    [
        lambda _: answer(404),
        lambda message: answer(
            404, headers={"Content-Type": "application/json"},
            body=json.dumps(
                {"jsonrpc": "2.0", "id": message["id"], "error": {"code": -32600, "message": "Session not found"}}
            ).encode(),
        ),
        lambda _: answer(
            400, headers={"Content-Type": "application/json"},
            body=b'{"jsonrpc": "2.0", "id": null, "error": {"code": -32000, "message": "Bad Request: no session"}}',
        ),
    ],
    ids=["404", "404 with an error", "400 to every request"],
)  # fmt: skip
async def test_a_call_of_a_lost_session_is_sent_again_in_a_new_one_at_once(forgotten: Script) -> None:
    async with HttpServer() as server, asyncio.timeout(60):
        server.behave = mcp_server(server, fine)
        async with McpProvider({"everything": McpServer(url=server.url)}) as mcp:
            assert isinstance(await mcp.execute(a_call(ECHO)), Success)
            began = len(server.requests)

            async def restarted(writer: asyncio.StreamWriter) -> bool:
                """Knows only sessions that were initialized since."""
                messages = [json.loads(request.body or b"{}") for request in server.requests[began:]]
                known = any(each.get("method") == "initialize" for each in messages)
                return await (mcp_server(server, fine) if known else forgotten({"id": messages[-1].get("id")}))(writer)

            server.behave = restarted
            assert await mcp.execute(a_call(ECHO)) == Success(result={"ok": True})


async def test_a_busy_server_keeps_its_other_calls_when_one_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("services.tools.mcp.server.PING_TIMEOUT", 0.1)
    may_answer = asyncio.Event()

    def on_call(message: Mapping[str, Any]) -> Behaviour:
        async def later(writer: asyncio.StreamWriter) -> bool:
            await may_answer.wait()
            return await fine(message)(writer)

        is_slow = message["params"]["arguments"].get("slow")
        return later if is_slow else json_rpc_answer(message, error={"code": -32000, "message": "no"})

    async with HttpServer() as server, asyncio.timeout(60):
        server.behave = mcp_server(server, on_call, deaf=True)
        async with McpProvider({"everything": McpServer(url=server.url)}) as mcp:
            slow = asyncio.create_task(mcp.execute(a_call(ECHO, arguments={"slow": True})))
            assert isinstance(await mcp.execute(a_call(ECHO)), Unknown)
            assert isinstance(await mcp.execute(a_call(ECHO)), Unknown)
            await asyncio.wait([slow], timeout=0.3)
            may_answer.set()
            assert await slow == Success(result={"ok": True})


async def test_an_invalid_listing_names_the_invalid_field() -> None:
    async with HttpServer() as server, asyncio.timeout(60):
        server.behave = mcp_server(server, fine)
        async with McpProvider({"everything": McpServer(url=server.url)}) as mcp:
            with pytest.raises(NotReady, match=r"did not list its tools: tools\.1\.inputSchema violates the protocol"):
                await mcp.list_tools("everything")
