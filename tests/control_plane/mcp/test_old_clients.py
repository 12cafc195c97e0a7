"""Agents on SDKs of the first generation: the first of all, a later one, and the last."""

import asyncio
import json
import os
import sys
from pathlib import Path

import pytest

from tests.control_plane.api.conftest import Api
from tests.control_plane.mcp.conftest import settle
from tests.control_plane.mcp.test_http import OWN
from tests.control_plane.mcp.test_stdio import ROOT, environment, token_of

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("version", ["1.0.0", "1.8.1", "1.30.0"])
async def test_an_agent_on_an_old_sdk_proposes_waits_and_gets_the_result(
    api: Api, database_url: str, version: str
) -> None:
    python = ROOT / ".local" / "old-mcp" / version / "bin" / "python"
    if not python.exists():
        assert not os.environ.get("REQUIRE_REAL"), f"REQUIRE_REAL is set, but mcp {version} is not installed"
        pytest.skip(f"mcp {version} is not installed: make old-mcp")
    client = await asyncio.create_subprocess_exec(
        python, Path(__file__).with_name("old_client.py"), sys.executable, stdout=asyncio.subprocess.PIPE, cwd=ROOT,
        env={**environment(database_url, await token_of(api)), "PYTHONPATH": str(ROOT)},
    )  # fmt: skip
    assert client.stdout is not None
    async with asyncio.timeout(90):
        assert json.loads(await client.stdout.readline()) == OWN
        proposed = json.loads(await client.stdout.readline())
        await settle(api, result={"ts": "1"})
        outcome = json.loads(await client.stdout.readline())
        assert await client.wait() == 0

    assert outcome["envelope_id"] == proposed["envelope_id"]
    assert (outcome["status"], outcome["result"], outcome["is_error"]) == ("success", {"ts": "1"}, False)
