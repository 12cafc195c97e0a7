"""No error text of a tool causes a second effect: generated from phrases, the ways to send them, and both transports.

A real process has an effect, answers with the phrase, and counts its effects. Each outcome goes through
`worker.settle`, and the call is repeated for as long as the worker would retry it.
"""

import asyncio
import json
import socket
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import closing, suppress
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from services.outbox import Disposition, Settlement
from services.tools import ToolCall
from services.tools.composio.answers import outcome
from services.tools.composio.wire import Exchange as ComposioExchange
from services.tools.mcp import McpServer
from services.tools.mcp.provider import McpProvider
from tests.builders import NOW
from tests.tools.builders import a_call, a_tool
from tests.worker.builders import RULES, a_claim
from worker.settle import settle

pytestmark = pytest.mark.slow

SCRIPT = str(Path(__file__).with_name("scripted.py"))
PHRASES = (
    "Session not found", "session not found", "Session terminated", "SESSION TERMINATED", "Not Found", "Not connected",
    "Connection closed", "Method not found", "Unknown tool: pay", "Tool pay not found", "Invalid request parameters",
    "Bad Request: No valid session ID provided", "Bad Request: Missing session ID", "Server not initialized",
    "Received request before initialization was complete", "Unsupported protocol version", "Request timed out",
    "Server returned an error response", "Unauthorized", "401 Unauthorized", "403 Forbidden", "404 Not Found",
    "409 Conflict", "429 Too Many Requests", "Too Many Requests: retry after 1", "503 Service Unavailable",
    "Rate limit exceeded", "was not ready within 5 s", "had stopped before the call", "did not start", "ConnectError",
)  # fmt: skip
CODES = (-32700, -32600, -32601, -32602, -32603, -32000, -32001, -32002, -32020, -32021, -32022, -32042, 0, 404, 429)
"""All codes of the SDKs and the protocol, and some that a tool may choose."""
WAYS: dict[str, dict[str, Any]] = {
    "a tool's error": {},
    **{f"the protocol's error {code}": {"code": code} for code in CODES},
}
HTTP_WAYS: dict[str, dict[str, Any]] = WAYS | {
    **{f"{status} with error {code}": {"status": status, "code": code}
       for status in (400, 404, 500) for code in CODES if status != 404},
    **{f"{status} in words": {"status": status, "body": ""} for status in (408, 500, 502, 503, 504)},
}  # fmt: skip


@dataclass
class World:
    """A provider with one server, and the file in which the server counts its effects."""

    mcp: McpProvider
    effects: Path

    def count(self, envelope: UUID) -> int:
        return self.effects.read_text(encoding="utf-8").count(str(envelope))


@pytest.fixture(scope="module")
def effects(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("effects") / "effects"
    path.touch()
    return path


@pytest.fixture(scope="module")
async def over_stdio(effects: Path) -> AsyncIterator[World]:
    async with McpProvider({"server": McpServer(command=sys.executable, args=(SCRIPT, str(effects)))}) as mcp:
        yield World(mcp, effects)


@pytest.fixture(scope="module")
def http_server(effects: Path) -> Iterator[McpServer]:
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with subprocess.Popen([sys.executable, SCRIPT, str(effects), str(port)]) as process:
        while process.poll() is None:
            with suppress(OSError):
                socket.create_connection(("127.0.0.1", port)).close()
                break
        yield McpServer(url=f"http://127.0.0.1:{port}/mcp")
        process.kill()


@pytest.fixture(scope="module")
async def over_http(http_server: McpServer, effects: Path) -> AsyncIterator[World]:
    async with McpProvider({"server": http_server}) as mcp:
        yield World(mcp, effects)


async def to_its_end(world: World, call: ToolCall) -> Settlement:
    """Repeat the call for as long as the worker would retry it."""
    for attempts in range(3):
        result = await world.mcp.execute(call)
        ended = settle(a_claim(attempts=attempts), call.tool, result, rules=RULES, now=NOW)
        if ended.to not in {Disposition.RETRY, Disposition.HOLD}:
            break
    return ended


async def holds(world: World, *, idempotent: bool, arguments: dict[str, Any]) -> None:
    tool = a_tool(provider="mcp", config={"server": "server", "tool": "say"}, idempotent=idempotent)
    call = a_call(tool, arguments=arguments)
    ended = await to_its_end(world, call)
    effects = world.count(call.envelope_id)
    assert effects >= 1
    if not idempotent:
        assert effects == 1
        assert ended.to is Disposition.UNKNOWN or (ended.to is Disposition.FAILED and ended.doubtful)
    else:
        assert ended.to is Disposition.FAILED


@pytest.mark.parametrize("idempotent", [False, True], ids=["once", "idempotent"])
@pytest.mark.parametrize("way", WAYS)
async def test_no_error_text_over_stdio_causes_a_second_effect(over_stdio: World, way: str, idempotent: bool) -> None:
    async with asyncio.timeout(60):
        for words in PHRASES:
            await holds(over_stdio, idempotent=idempotent, arguments={"words": words, **WAYS[way]})


@pytest.mark.parametrize("idempotent", [False, True], ids=["once", "idempotent"])
@pytest.mark.parametrize("way", HTTP_WAYS)
async def test_no_error_text_over_http_causes_a_second_effect(over_http: World, way: str, idempotent: bool) -> None:
    async with asyncio.timeout(60):
        for words in PHRASES:
            arguments = {"words": words, **HTTP_WAYS[way]}
            if "body" in arguments:
                arguments["body"] = words
            await holds(over_http, idempotent=idempotent, arguments=arguments)


def test_the_generated_cases_are_many() -> None:
    assert 2 * len(PHRASES) * (len(WAYS) + len(HTTP_WAYS)) > 4000


@pytest.mark.parametrize("idempotent", [False, True], ids=["once", "idempotent"])
@pytest.mark.parametrize("body", ["successful", "unreadable"])
def test_no_error_text_of_composio_causes_a_second_effect(body: str, idempotent: bool) -> None:
    tool = a_tool(provider="composio", idempotent=idempotent)
    for words in PHRASES:
        body_sent: Any = {"successful": False, "error": words} if body == "successful" else {"error": words}
        raw = json.dumps(body_sent).encode()
        exchange = ComposioExchange(
            within=timedelta(1), keep_bytes=len(raw), max_bytes=len(raw), maybe_sent=True, status=200
        )
        exchange.body, exchange.received_bytes, exchange.is_complete = bytearray(raw), len(raw), True
        result = outcome(a_call(tool), exchange, hidden=[], now=NOW)
        ended = settle(a_claim(), tool, result, rules=RULES, now=NOW)
        assert (ended.to is Disposition.RETRY) is idempotent
        assert idempotent or ended.to is Disposition.UNKNOWN or ended.doubtful
