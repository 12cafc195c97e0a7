"""Every provider sends the numbers of a call digit for digit; AMQP sends the same document as a webhook."""

import json
from decimal import Decimal
from typing import Any

from services.tools import Success
from services.tools.http.provider import HttpProvider
from services.tools.mcp.provider import McpProvider
from services.tools.outgoing import AllowedHosts
from tests.tools.builders import a_call, a_tool
from tests.tools.composio import KEY, ComposioServer, a_draft, a_provider
from tests.tools.servers import Bell, HttpServer
from tests.tools.test_mcp import misbehaving
from tests.tools.webhooks import SECRETS

NUMBERS: list[float] = [
    0, 1, 1.0, -1.5e3, 0.1, 0.1 + 0.2, 1.1e-7, 5e-324, 1e-300, 1e15, 10**16, 4503599627370495.5, 2**53 + 1, 2**63 - 1,
    -(2**63), 123456789.12345678,
]  # fmt: skip
EXACT = [Decimal(repr(number)) for number in NUMBERS]


def numbers_in(body: bytes) -> Any:
    return json.loads(body, parse_int=Decimal, parse_float=Decimal)


async def test_a_webhook_gets_exact_numbers() -> None:
    hosts = AllowedHosts(("127.0.0.1",))
    async with HttpServer() as server, HttpProvider(SECRETS, concurrency=1, allowed_hosts=hosts) as http:
        call = a_call(a_tool(config={"url": server.url, "secret": "crm"}), arguments={"n": NUMBERS})
        assert isinstance(await http.execute(call), Success)
    assert numbers_in(server.requests[0].body)["data"]["arguments"] == {"n": EXACT}


async def test_composio_gets_exact_numbers() -> None:
    async with ComposioServer(KEY) as server, a_provider(server) as composio:
        assert isinstance(await composio.execute(a_draft(arguments={"n": NUMBERS})), Success)
    assert numbers_in(server.requests[0].body)["arguments"] == {"n": EXACT}


async def test_an_mcp_server_gets_exact_numbers() -> None:
    async with Bell() as bell, McpProvider({"bad": misbehaving(bell)}) as mcp:
        tool = a_tool(provider="mcp", slug="BAD__look", config={"server": "bad"})
        outcome = await mcp.execute(a_call(tool, arguments={"value": NUMBERS}))
    assert isinstance(outcome, Success)
    assert [Decimal(repr(number)) for number in outcome.result["value"]] == EXACT
