"""A listing that fails on its second page is refused: with half of it the other tools would count as removed."""

import asyncio
import sys
from datetime import timedelta
from pathlib import Path

import pytest

from services.errors import NotReady
from services.tools.mcp import McpServer
from services.tools.mcp.provider import McpProvider

PAGING = str(Path(__file__).parent / "paging.py")


@pytest.mark.parametrize("how", ["error", "garbled", "no list", "dies", "for ever"])
async def test_an_incomplete_listing_is_refused(how: str) -> None:
    server = McpServer(command=sys.executable, args=(PAGING, how))
    async with asyncio.timeout(60), McpProvider({"paging": server}) as mcp:
        with pytest.raises(NotReady, match="MCP server 'paging'"):
            await mcp.list_tools("paging", within=timedelta(seconds=30))
