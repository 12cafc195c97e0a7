"""An agent at the door over stdio: `python -m control_plane mcp`."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Literal

import pytest
from mcp.client import Client
from mcp.client.extension import ClaimContext, ClientExtension, ResultClaim
from mcp.client.stdio import StdioServerParameters, stdio_client
from mcp.types import CallToolResult, Result
from pydantic import Field

from control_plane.mcp.tasks import EXTENSION
from tests.control_plane.api.conftest import Api
from tests.control_plane.mcp.conftest import Agent, settle

ROOT = Path(__file__).parents[3]
COMMAND = ["-m", "control_plane", "mcp"]


def environment(url: str, token: str | None) -> dict[str, str]:
    given = {} if token is None else {"ACP_API_TOKEN": token}
    return {"PATH": os.environ["PATH"], "HOME": os.environ["HOME"], "DATABASE_URL": url, **given}


@asynccontextmanager
async def connect(url: str, token: str | None, **options: Any) -> AsyncIterator[Agent]:
    server = StdioServerParameters(command=sys.executable, args=COMMAND, env=environment(url, token), cwd=ROOT)
    async with Client(stdio_client(server), **options) as client:
        yield Agent(client)


async def token_of(api: Api) -> str:
    agent = await api.as_agent()
    assert agent.token is not None
    return agent.token


@pytest.mark.parametrize("mode", ["legacy", "auto"])
async def test_an_agent_proposes_waits_and_gets_the_result(api: Api, database_url: str, mode: str) -> None:
    token = await token_of(api)
    async with asyncio.timeout(60), connect(database_url, token, mode=mode) as agent:
        proposed, _ = await agent.call("propose", tool_slug="SLACK__chat.post", arguments={"text": "hello"})
        await settle(api, result={"ts": "1"})
        outcome, failed = await agent.call("await_outcome", envelope_id=proposed["envelope_id"])

    assert (outcome["status"], outcome["result"], failed) == ("success", {"ts": "1"}, False)


class Created(Result):
    """A task in place of a result."""

    result_type: Literal["task"] = Field(alias="resultType")
    task_id: str = Field(alias="taskId")


class KeepsTasks(ClientExtension):
    """Declares the extension, and collects the tasks that it gets."""

    identifier = EXTENSION

    def __init__(self) -> None:
        self.tasks: list[str] = []

    def claims(self) -> list[ResultClaim[Any]]:
        return [ResultClaim(result_type="task", model=Created, resolve=self._keep)]

    async def _keep(self, created: Created, _: ClaimContext) -> CallToolResult:
        self.tasks.append(created.task_id)
        return CallToolResult(content=[], structured_content={})


async def test_a_client_that_knows_tasks_gets_one(api: Api, database_url: str) -> None:
    knows = KeepsTasks()
    token = await token_of(api)
    async with asyncio.timeout(60), connect(database_url, token, extensions=[knows]) as agent:
        await agent.client.call_tool("propose", {"tool_slug": "SLACK__chat.post", "arguments": {"text": "hello"}})
    [envelope] = await api.access.operator.outbox.list_envelopes(api.tenant, status=None, limit=9)
    assert knows.tasks == [str(envelope.id)]


@pytest.mark.parametrize(
    ("token", "problem"),
    [
        (None, "must be an API token (acp_…), which names the agent and its tenant"),
        ("acp_unknown", "is unknown, revoked or expired"),
    ],
)
async def test_without_a_valid_token_it_does_not_start(database_url: str, token: str | None, problem: str) -> None:
    process = await start(database_url, token)
    async with asyncio.timeout(60):
        stdout, stderr = await process.communicate()
    assert (process.returncode, stdout) == (1, b"")
    assert f"ACP_API_TOKEN: {problem}" in stderr.decode()


async def test_a_signal_ends_it_although_stdin_is_open(api: Api, database_url: str) -> None:
    process = await start(database_url, await token_of(api))
    assert process.stdin is not None
    assert process.stdout is not None
    async with asyncio.timeout(60):
        process.stdin.write(b'{"jsonrpc": "2.0", "id": 1, "method": "ping"}\n')
        assert b'"id":1' in await process.stdout.readline()
        process.send_signal(signal.SIGTERM)
        assert await process.wait() == 0


async def start(url: str, token: str | None) -> asyncio.subprocess.Process:
    pipe = asyncio.subprocess.PIPE
    return await asyncio.create_subprocess_exec(
        sys.executable, *COMMAND, stdin=pipe, stdout=pipe, stderr=pipe, env=environment(url, token), cwd=ROOT
    )
