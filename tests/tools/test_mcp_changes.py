"""When a server reports that its tools have changed, `on_tools_changed` is called."""

import asyncio
import sys
from pathlib import Path

import pytest

from services.tools import Success
from services.tools.dispatch import Tools
from services.tools.mcp import McpServer, McpSettings
from services.tools.mcp.provider import McpProvider
from tests.tools.builders import a_call, a_tool
from tests.tools.servers import Bell

HERE = Path(__file__).parent
CHANGE = a_tool(provider="mcp", config={"server": "changing", "tool": "change"})


@pytest.mark.parametrize("era", ["2025", "2026"])
async def test_a_server_that_changes_its_tools_is_named(era: str, tmp_path: Path) -> None:
    changed: asyncio.Queue[str] = asyncio.Queue()
    async with asyncio.timeout(60), Bell() as bell:
        script, argument = (
            ("scripted.py", str(tmp_path / "effects")) if era == "2025" else ("misbehaving.py", str(bell.port))
        )
        server = McpServer(command=sys.executable, args=(str(HERE / script), argument))
        async with McpProvider({"changing": server}, on_tools_changed=changed.put_nowait) as mcp:
            while changed.empty():  # the subscription may reach the server after the first call
                assert isinstance(await mcp.execute(a_call(CHANGE)), Success)
            assert changed.get_nowait() == "changing"


async def test_changed_tools_are_reported_with_provider_and_source(tmp_path: Path) -> None:
    changed: asyncio.Queue[tuple[str, str]] = asyncio.Queue()
    server = McpServer(command=sys.executable, args=(str(HERE / "scripted.py"), str(tmp_path / "effects")))
    settings = McpSettings(mcp_servers={"changing": server})
    async with asyncio.timeout(60), Tools(settings, concurrency=1) as tools:
        await tools.list_tools("mcp", "changing")
        tools.on_tools_changed = lambda *where: changed.put_nowait(where)
        assert isinstance(await tools.execute(a_call(CHANGE)), Success)
        assert await changed.get() == ("mcp", "changing")
