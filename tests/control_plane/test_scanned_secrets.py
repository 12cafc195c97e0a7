"""A tool that returns its environment was enabled for scans by mistake. Tenants read no secret in the stored answer."""

import json
import os
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from pydantic import SecretStr

from control_plane.jobs import JobContext, warm_scan
from control_plane.jobs.run import run_job
from control_plane.settings import read_settings
from services.backends.open import memory_backends
from services.catalog.definition import read_listing
from services.catalog.rules import ToolRule
from services.envelope import Actor, ActorType, Risk
from services.sync_catalog import sync_catalog
from services.tenants import Tenant
from services.tools.mcp import McpServer
from services.tools.redact import REDACTED
from tests.builders import an_account, operator

EVERYTHING = Path(__file__).parents[2] / ".local" / "npm" / "node_modules" / ".bin" / "mcp-server-everything"
TELLTALE = """
import json, os
from mcp.server.mcpserver import MCPServer
server = MCPServer("telltale")
@server.tool(name="get-env")
def get_env() -> str:
    return json.dumps(dict(os.environ), indent=2)
server.run()
"""
VALUE = 'ghp_"of the server\\"'
"""A secret with characters that JSON escapes."""


def _server(name: str) -> McpServer:
    if name == "telltale":
        return McpServer(command=sys.executable, args=("-c", TELLTALE), env={"TOKEN": SecretStr(VALUE)})
    if not EVERYTHING.exists():
        assert not os.environ.get("REQUIRE_REAL"), "REQUIRE_REAL is set, but server-everything is not installed"
        pytest.skip("server-everything is not installed: make npm")
    return McpServer(command=str(EVERYTHING), env={"TOKEN": SecretStr(VALUE)})


@pytest.mark.parametrize("name", ["telltale", "everything"])
async def test_no_secret_of_the_environment_becomes_evidence(name: str) -> None:
    tenant = Tenant(id=uuid4(), name="Acme")
    scan: dict[str, Any] = {"category": name, "arguments": {}}
    rules = {"*__get-env": ToolRule(scan=scan, risk=Risk.LOW)}
    settings = read_settings(mcp_servers={name: _server(name)})
    async with memory_backends() as backends, settings.tools() as tools:
        await backends.tenants.save(tenant, actor=operator("olga"))
        listing = read_listing(await tools.list_tools("mcp", name), provider="mcp", source=name, rules=rules)
        await sync_catalog(backends, tenant.id, listing, actor=Actor(type=ActorType.OPERATOR, id="olga"), trusted=True)
        await backends.accounts.save(an_account(tenant_id=tenant.id, provider=name), actor=operator("olga"))
        context = JobContext(backends=backends, tools=tools, rules=rules, keep_settled=timedelta(days=1))
        run = await run_job(warm_scan.JOB, context, worker_id="one")
        assert run is not None
        assert (run.counts["read"], run.error) == (1, None)
        [found] = await backends.evidence.list_evidence(tenant.id)
    kept = json.dumps(found.content)
    assert REDACTED in kept
    assert "ghp_" not in kept
