"""Calls as bare as a client can make them: `python -m tests.bench.bare_client CLIENT CALLS AT_ONCE WHERE`.

They have no queue, signature, guardrail or time limit, and store nothing: what is left is the cost of the transport.
The client `tools` is our own providers, with all of these except the queue.
"""

import argparse
import asyncio
import json
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from itertools import cycle
from typing import Any
from uuid import uuid4

SLOTS = 200
"""Calls at once."""
TENANTS = 10
"""Tenants, which share no connections. A bare client has one pool for all calls."""
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"  # noqa: S105  # the example from the Standard Webhooks text
ARGUMENTS = {"sku": "bolt-m8", "quantity": 5, "note": "n" * 120}
Call = Callable[[], Awaitable[Any]]


@asynccontextmanager
async def aiohttp_client(url: str) -> AsyncIterator[Call]:
    """The fastest HTTP client among the libraries: see docs/decisions/022."""
    import aiohttp  # noqa: PLC0415  # each process imports only its own client

    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as session:

        async def call() -> None:
            async with session.post(url, data=_event(), headers={"content-type": "application/json"}) as answer:
                await answer.read()
                answer.raise_for_status()

        yield call


@asynccontextmanager
async def httpx2_client(url: str) -> AsyncIterator[Call]:
    """The HTTP client of the MCP SDK."""
    import httpx2  # noqa: PLC0415

    limits = httpx2.Limits(max_connections=None, max_keepalive_connections=None)
    async with httpx2.AsyncClient(limits=limits, timeout=None) as session:

        async def call() -> None:
            answer = await session.post(url, content=_event(), headers={"content-type": "application/json"})
            answer.raise_for_status()

        yield call


@asynccontextmanager
async def mcp_client(where: str) -> AsyncIterator[Call]:
    """The SDK's own client over one session; `where` is a URL or a command."""
    from mcp import StdioServerParameters, stdio_client  # noqa: PLC0415
    from mcp.client import Client  # noqa: PLC0415

    program, *arguments = where.split()
    target = where if where.startswith("http") else stdio_client(StdioServerParameters(command=program, args=arguments))
    async with Client(target) as client:

        async def call() -> None:
            answer = await client.call_tool("work", ARGUMENTS)
            if answer.is_error:
                raise RuntimeError(str(answer.content))

        yield call


@asynccontextmanager
async def amqp_client(url: str) -> AsyncIterator[Call]:
    """Persistent messages, confirmed, over one channel."""
    import aio_pika  # noqa: PLC0415

    async with await aio_pika.connect(url) as connection:
        exchange = (await connection.channel(publisher_confirms=True)).default_exchange

        async def call() -> None:
            message = aio_pika.Message(_event(), delivery_mode=aio_pika.DeliveryMode.PERSISTENT)
            await exchange.publish(message, "bench", mandatory=True)

        yield call


@asynccontextmanager
async def tools(url: str) -> AsyncIterator[Call]:
    """`services.tools.dispatch.Tools` as the worker has it, for as many tenants as it serves in `real_tools`."""
    from pydantic import SecretStr  # noqa: PLC0415

    from services.catalog import Tool  # noqa: PLC0415
    from services.tools import Success, ToolCall  # noqa: PLC0415
    from services.tools.dispatch import Tools  # noqa: PLC0415
    from services.tools.http import HttpSettings  # noqa: PLC0415

    config = {"url": url, "secret": "bench"}
    of_tenants = cycle([
        Tool(tenant_id=uuid4(), tool_slug="ORDERS__create", version="1", provider="http", config=config)
        for _ in range(TENANTS)
    ])  # fmt: skip
    async with Tools(
        HttpSettings(webhook_secrets={"bench": SecretStr(SECRET)}, allowed_hosts=("127.0.0.1",)),
        known_secrets=[SECRET], concurrency=SLOTS,
    ) as ours:  # fmt: skip

        async def call() -> None:
            tool = next(of_tenants)
            outcome = await ours.execute(
                ToolCall(
                    envelope_id=uuid4(), tenant_id=tool.tenant_id, tool=tool, arguments=ARGUMENTS,
                    connected_account_id=None, timeout=timedelta(seconds=30),
                )
            )  # fmt: skip
            assert isinstance(outcome, Success), outcome

        yield call


CLIENTS = {
    "tools": tools,
    "aiohttp": aiohttp_client,
    "httpx2": httpx2_client,
    "mcp": mcp_client,
    "aio-pika": amqp_client,
}


def _event() -> bytes:
    return json.dumps(
        {"type": "ORDERS__create", "data": {"envelope_id": str(uuid4()), "arguments": ARGUMENTS}}
    ).encode()


async def run(name: str, calls: int, at_once: int, where: str) -> dict[str, float]:
    """Seconds for all calls, once connected."""
    async with CLIENTS[name](where) as call:
        await call()
        turns = iter(range(calls))

        async def caller() -> None:
            for _ in turns:
                await call()

        started = time.perf_counter()
        async with asyncio.TaskGroup() as group:
            for _ in range(at_once):
                group.create_task(caller())
        return {"seconds": time.perf_counter() - started}


def main() -> None:
    """Entry point."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("client", choices=CLIENTS)
    parser.add_argument("calls", type=int)
    parser.add_argument("at_once", type=int)
    parser.add_argument("where")
    given = parser.parse_args()
    import uvloop  # noqa: PLC0415  # as our worker does

    told = uvloop.run(run(given.client, given.calls, given.at_once, given.where))
    sys.stdout.write(json.dumps(told) + "\n")


if __name__ == "__main__":
    main()
