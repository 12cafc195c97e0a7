"""MCP over streamable HTTP, against a server nobody here wrote: the same outcomes as over stdio."""

import asyncio
import os
import signal
import socket
import subprocess
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from pathlib import Path
from time import monotonic

import pytest

from control_plane.settings import McpServer
from services.tools import Failed, Success, Unknown
from services.tools.mcp import McpProvider
from tests.tools.builders import a_call, a_tool
from tests.tools.servers import HttpServer, answer, hang

PROGRAM = Path(__file__).parents[2] / ".local" / "npm" / "node_modules" / ".bin" / "mcp-server-everything"
WITHIN = 30.0


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


async def test_it_lists_and_calls_its_tools(mcp: McpProvider) -> None:
    listed = {tool.name: tool for tool in await mcp.list_tools("everything")}
    assert listed["echo"].config == {"server": "everything", "tool": "echo"}
    assert listed["echo"].schema["required"] == ["message"]
    outcome = await mcp.execute(a_call(ECHO, arguments={"message": "hi"}))
    assert outcome == Success(result=[{"type": "text", "text": "Echo: hi"}])
    assert await mcp.health("everything") is None


async def test_calls_run_side_by_side_and_one_deadline_ends_one_call(mcp: McpProvider) -> None:
    async with asyncio.timeout(20):
        slow = asyncio.create_task(mcp.execute(a_call(LONG, arguments=TEN_SECONDS, seconds=0.5)))
        quick = await asyncio.gather(*(mcp.execute(a_call(ECHO, arguments={"message": str(n)})) for n in range(20)))
        assert {type(outcome) for outcome in quick} == {Success}
        assert await slow == Unknown(error="MCP server 'everything' gave no answer within 0.5 s")
        assert isinstance(await mcp.execute(a_call(ECHO, arguments={"message": "after"})), Success)


async def test_a_server_that_dies_during_a_call_leaves_it_unknown_and_is_reached_again_when_it_is_back() -> None:
    with everything() as server:
        async with asyncio.timeout(60), McpProvider({"everything": server.settings}, cool_down=timedelta(0)) as mcp:
            assert isinstance(await mcp.execute(a_call(ECHO, arguments={"message": "hi"})), Success)
            call = asyncio.create_task(mcp.execute(a_call(LONG, arguments=TEN_SECONDS, seconds=20)))
            await mcp.execute(a_call(ECHO, arguments={"message": "the other has left by now"}))
            server.kill()
            assert isinstance(await call, Unknown)
            await asyncio.to_thread(server.start)
            outcomes = [await mcp.execute(a_call(ECHO, arguments={"message": "hi"})) for _ in range(3)]
            assert isinstance(outcomes[-1], Success)


async def test_a_server_that_is_not_there_is_tried_again_later() -> None:
    async with McpProvider({"everything": McpServer(url="http://127.0.0.1:1/mcp")}) as mcp:
        outcome = await mcp.execute(a_call(ECHO, arguments={"message": "hi"}))
        assert isinstance(outcome, Failed)
        assert outcome.retryable
        assert "did not start (ConnectError): check its url and headers in ACP_MCP_SERVERS" in outcome.error


@pytest.mark.parametrize("status", [401, 403, 404, 500])
async def test_a_server_that_turns_us_away_is_told_by_its_settings_and_never_by_its_secrets(status: int) -> None:
    async with HttpServer() as server, asyncio.timeout(10):
        server.behave = answer(status, body=b'{"error": "s3cret"}')
        settings = McpServer.model_validate({"url": server.url, "headers": {"Authorization": "Bearer s3cret"}})
        async with McpProvider({"everything": settings}) as mcp:
            outcome = await mcp.execute(a_call(ECHO, arguments={"message": "hi"}))
            problem = await mcp.health("everything")
    assert isinstance(outcome, Failed)
    assert server.requests[0].headers["authorization"] == "Bearer s3cret"
    assert "url and headers in ACP_MCP_SERVERS" in outcome.error
    assert "s3cret" not in f"{outcome}{problem}"


async def test_a_server_that_never_answers_is_left_at_the_deadline() -> None:
    async with HttpServer() as server, asyncio.timeout(10):
        server.behave = hang
        async with McpProvider({"everything": McpServer(url=server.url)}) as mcp:
            outcome = await mcp.execute(a_call(ECHO, arguments={"message": "hi"}, seconds=0.3))
    assert outcome == Failed(error="MCP server 'everything' was not ready within 0.3 s", retryable=True)
