"""Agents on MCP clients that nobody here wrote: each proposes, waits, and gets the outcome."""

import asyncio
import json
import os
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from services.outbox import Disposition
from tests.child import child
from tests.control_plane.mcp.conftest import Door, settle
from tests.inspector import INSPECTOR, require_inspector
from tests.worker.world import eventually

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[3]
LOCAL = ROOT / ".local"
WITHIN = 90
CALL = {"tool_slug": "SLACK__chat.post", "arguments": {"text": "hello"}}


@dataclass(frozen=True)
class Client:
    """A client, the program that runs it, and the target of make that installs it."""

    script: str
    python: Path
    install: str


CLIENTS = {
    "mcp 1": Client("sdk_1_run.py", LOCAL / "old-mcp" / "1.30.0" / "bin" / "python", "old-mcp"),
    "mcp 2": Client("sdk_2_run.py", Path(sys.executable), "setup"),
    "OpenAI Agents": Client(
        "openai_agents_run.py", LOCAL / "frameworks" / "openai-agents" / "bin" / "python", "frameworks"
    ),
    "pydantic-ai": Client("pydantic_ai_run.py", LOCAL / "frameworks" / "pydantic-ai" / "bin" / "python", "frameworks"),
}
FASTMCP = Client("fastmcp_run.py", LOCAL / "frameworks" / "fastmcp" / "bin" / "python", "frameworks")
"""It wants a task, so its call must not end before the door has answered."""


@pytest.mark.parametrize("name", CLIENTS)
async def test_a_foreign_client_proposes_waits_and_gets_the_outcome(door: Door, name: str) -> None:
    client = CLIENTS[name]
    _require(client.python, name, client.install)
    script = Path(__file__).with_name("foreign") / client.script
    async with running(door, str(client.python), str(script)) as process:
        envelope = await proposed(door, process)
        await settle(door.api, result={"ts": "1"})
        *_, outcome = await printed(process)

    assert outcome["envelope_id"] == str(envelope)
    assert (outcome["status"], outcome["result"], outcome["is_error"]) == ("success", {"ts": "1"}, False)


@pytest.mark.parametrize(
    ("to", "settled", "is_error"),
    [
        (Disposition.SUCCESS, {"result": {"ts": "1"}}, False),
        (Disposition.DENIED, {"error": "scopes: missing"}, True),
    ],
)
async def test_fastmcp_gets_a_task_and_its_outcome(
    door: Door, to: Disposition, settled: dict[str, Any], is_error: bool
) -> None:
    _require(FASTMCP.python, "FastMCP", FASTMCP.install)
    script = Path(__file__).with_name("foreign") / FASTMCP.script
    async with running(door, str(FASTMCP.python), str(script)) as process:
        envelope = await proposed(door, process)
        assert process.stdout is not None
        async with asyncio.timeout(WITHIN):
            task = json.loads(await process.stdout.readline())
        await settle(door.api, to, **settled)
        *_, outcome = await printed(process)

    assert task == {"task": str(envelope), "status": "working"}
    assert (outcome["status"], outcome["is_error"]) == (to.value, is_error)
    assert outcome.get("result") == settled.get("result")
    assert settled.get("error", "") in outcome["why"]


async def test_the_inspector_proposes_waits_and_gets_the_outcome(door: Door) -> None:
    inspect = await inspector(door, "legacy")
    async with running(door, *inspect("propose", CALL)) as process:
        [proposal] = await printed(process)
    envelope = proposal["result"]["structuredContent"]["envelope_id"]
    async with running(door, *inspect("await_outcome", {"envelope_id": envelope})) as process:
        await eventually(lambda: door.api.app.state.feed.followers > 0)
        await settle(door.api, result={"ts": "1"})
        [outcome] = await printed(process)

    assert outcome["result"]["structuredContent"]["status"] == "success"
    assert outcome["result"]["structuredContent"]["result"] == {"ts": "1"}


async def test_the_inspector_polls_a_task_until_it_has_the_outcome(door: Door) -> None:
    inspect = await inspector(door, "modern")
    async with running(door, *inspect("propose", CALL)) as process:
        envelope = await proposed(door, process)
        await settle(door.api, result={"ts": "1"})
        [outcome] = await printed(process)

    assert outcome["result"]["structuredContent"]["envelope_id"] == str(envelope)
    assert outcome["result"]["structuredContent"]["result"] == {"ts": "1"}


async def inspector(door: Door, era: str) -> Callable[[str, dict[str, Any]], list[str]]:
    """Makes the command that calls a tool. Of the protocol's eras only the modern one has tasks."""
    require_inspector()
    start = [
        str(INSPECTOR), "--cli", door.url, "--transport", "http", "--protocol-era", era, "--format", "json", "--quiet",
        "--header", f"Authorization: Bearer {await door.token()}", "--method", "tools/call",
    ]  # fmt: skip
    return lambda tool, arguments: [*start, "--tool-name", tool, "--tool-args-json", json.dumps(arguments)]


@asynccontextmanager
async def running(door: Door, *command: str) -> AsyncIterator[asyncio.subprocess.Process]:
    """This program with the address of the door and a token."""
    environment = {**os.environ, "ACP_MCP_URL": door.url, "ACP_API_TOKEN": await door.token(), "NO_PROXY": "*"}
    async with child(*command, env=environment) as process:
        yield process


async def printed(process: asyncio.subprocess.Process) -> list[dict[str, Any]]:
    """The lines that it prints until it ends, as JSON."""
    async with asyncio.timeout(WITHIN):
        stdout, stderr = await process.communicate()
    assert process.returncode == 0, stderr.decode()
    return [json.loads(line) for line in stdout.decode().splitlines()]


async def proposed(door: Door, process: asyncio.subprocess.Process) -> Any:
    """The id of the only envelope, once there is one. Fails if the client ended before it."""

    async def is_there() -> bool:
        if process.returncode is not None:
            await printed(process)
        return bool(await listed())

    async def listed() -> list[Any]:
        return await door.api.access.operator.outbox.list_envelopes(door.api.tenant, status=None, limit=9)

    await eventually(is_there)
    [envelope] = await listed()
    return envelope.id


def _require(program: Path, name: str, target: str) -> None:
    if not program.exists():
        assert not os.environ.get("REQUIRE_REAL"), f"REQUIRE_REAL is set, but {name} is not installed"
        pytest.skip(f"{name} is not installed: make {target}")
