"""Servers on SDKs that exit at an unknown request: the first SDK of all, and the last one that does so."""

import asyncio
import os
from pathlib import Path

import pytest

from services.tools import Success
from services.tools.mcp import McpServer
from services.tools.mcp.provider import McpProvider
from tests.tools.builders import a_call, a_tool

ROOT = Path(__file__).parents[2]
ECHO = a_tool(provider="mcp", config={"server": "old", "tool": "echo"})


@pytest.mark.parametrize("version", ["1.0.0", "1.8.1"])
async def test_a_server_on_an_old_sdk_is_listed_and_called_and_started_twice_once(version: str, tmp_path: Path) -> None:
    python = ROOT / ".local" / "old-mcp" / version / "bin" / "python"
    if not python.exists():
        assert not os.environ.get("REQUIRE_REAL"), f"REQUIRE_REAL is set, but mcp {version} is not installed"
        pytest.skip(f"mcp {version} is not installed: make old-mcp")
    starts = tmp_path / "starts"
    server = McpServer(command=str(python), args=(str(Path(__file__).with_name("old_sdk.py")), str(starts)))
    async with asyncio.timeout(60):
        async with McpProvider({"old": server}) as mcp:
            assert [tool.name for tool in await mcp.list_tools("old")] == ["echo"]
            for _ in range(3):
                outcome = await mcp.execute(a_call(ECHO, arguments={"text": "hi"}, seconds=30))
                assert outcome == Success(result=[{"type": "text", "text": f"hi from {version}"}])
            assert starts.read_text(encoding="utf-8").count("started") == 2
            await mcp.execute(a_call(ECHO, arguments={"text": "die"}, seconds=30))
            assert isinstance(await mcp.execute(a_call(ECHO, arguments={"text": "hi"}, seconds=30)), Success)
            assert starts.read_text(encoding="utf-8").count("started") == 3
