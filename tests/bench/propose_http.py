"""How fast are calls proposed over HTTP? Requests a second, against a route of FastAPI that does one insert."""

import asyncio
import json
import time
from collections.abc import Iterator
from contextlib import AsyncExitStack
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory
from uuid import uuid4

from services.backends.open import postgres_backends
from services.database.rest.keys import load_or_create_keys
from tests.bench.runner import Figure, Lab
from tests.bench.serving import OURS, connected, http_request, serving, user_token
from tests.bench.workload import TOOL, make_tenants

PROPOSALS, CLIENTS, WARM_UP = 4_000, 16, 200
BAR = 0.6


async def measure(lab: Lab) -> list[Figure]:
    """Users of 50 tenants over 16 connections, against the same requests to the bare route."""
    proposals = lab.sized(PROPOSALS)
    rates = await lab.rounds_of({"ours": lambda: ours(lab, proposals), "bare": lambda: bare(lab, proposals)})
    return [Figure.of("propose over HTTP", "requests/s", rates["ours"], "bare route", rates["bare"], at_least=BAR)]


async def ours(lab: Lab, proposals: int) -> float:
    """With identity, schema check, guardrails, audit row and the complete answer."""
    with lab.database() as url, TemporaryDirectory() as folder:
        keys = load_or_create_keys(Path(folder))
        async with postgres_backends(url, pool_size=2) as backends:
            tenants = await make_tenants(backends)
        lab.settle_down()
        tokens = [user_token(keys, tenant, tenant_role="owner") for tenant in tenants]
        async with serving(url, folder, OURS) as (_, port):
            return await _rate(port, tokens, proposals)


async def bare(lab: Lab, proposals: int) -> float:
    """One insert."""
    with lab.database(migrated=False) as url, TemporaryDirectory() as folder:
        async with serving(url, folder, ("tests.bench.bare_api",)) as (_, port):
            return await _rate(port, ["none"], proposals)


async def _rate(port: int, tokens: list[str], proposals: int) -> float:
    requests = (_request(tokens[number % len(tokens)]) for number in count())
    async with AsyncExitStack() as stack:
        clients = [await stack.enter_async_context(connected(port)) for _ in range(CLIENTS)]

        async def run(number: int, until: Iterator[int]) -> None:
            for _ in until:
                status, body = await clients[number].send(next(requests))
                if status != 201:
                    raise RuntimeError(f"{status}: {body.decode()[:500]}")

        for total in (WARM_UP, proposals):
            started, numbers = time.perf_counter(), iter(range(total))
            async with asyncio.TaskGroup() as group:
                for number in range(CLIENTS):
                    group.create_task(run(number, numbers))
    return proposals / (time.perf_counter() - started)


def _request(token: str) -> bytes:
    document = {
        "tool_slug": TOOL, "external_id": f"order-{uuid4()}", "trust_context": {"score": 0.9},
        "arguments": {"sku": "bolt-m8", "quantity": 5, "note": "n" * 120},
    }  # fmt: skip
    return http_request("POST", "/v1/envelopes", token, json.dumps(document).encode())
