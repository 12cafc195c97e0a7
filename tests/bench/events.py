"""What do live events cost? Memory of each idle client, and milliseconds from a settlement to its event.

The server is `python -m control_plane serve`, a process of its own, with the idle clients connected all the time.
"""

import asyncio
import statistics
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from uuid import UUID

from services.backends import Backends
from services.backends.open import postgres_backends
from services.database.rest.keys import load_or_create_keys
from services.outbox import Disposition, Settlement
from tests.bench.idle import resident_mb
from tests.bench.runner import Figure, Lab
from tests.bench.serving import serving, user_token
from tests.bench.workload import AGENT, a_proposal, make_tenants

CLIENTS, SETTLEMENTS = 1_000, 300
KB_PER_CLIENT, P95 = 100.0, 50.0


async def measure(lab: Lab) -> list[Figure]:
    """Both figures, with their bars."""
    clients, settlements = lab.sized(CLIENTS), lab.sized(SETTLEMENTS)
    memory: list[float] = []
    latest: list[float] = []
    for number in range(lab.rounds):
        kilobytes, spans = await _one_round(lab, clients, settlements)
        memory.append(kilobytes)
        latest.append(statistics.quantiles(spans, n=20)[18])
        lab.say(
            f"  round {number + 1}: {kilobytes:.1f} kB each, {statistics.median(spans):.1f} ms, p95 {latest[-1]:.1f} ms"
        )
    return [
        Figure.of("events/idle client", "kB", memory, "100 kB", [KB_PER_CLIENT] * lab.rounds, at_most=1),
        Figure.of("events/95th percentile", "ms", latest, "50 ms", [P95] * lab.rounds, at_most=1),
    ]


async def _one_round(lab: Lab, clients: int, settlements: int) -> tuple[float, list[float]]:
    with lab.database() as url, TemporaryDirectory() as folder:
        keys = load_or_create_keys(Path(folder))
        async with AsyncExitStack() as stack:
            backends = await stack.enter_async_context(postgres_backends(url, pool_size=2))
            tenants = await make_tenants(backends)
            pid, port = await stack.enter_async_context(serving(url, folder))
            for tenant in tenants:  # the first clients of a process cost more, which does not count
                await stack.enter_async_context(_client(port, user_token(keys, tenant)))
            before = resident_mb(pid)
            for number in range(clients):
                token = user_token(keys, tenants[number % len(tenants)], sub=f"bench {number}")
                await stack.enter_async_context(_client(port, token))
            await asyncio.sleep(2)
            kilobytes = (resident_mb(pid) - before) * 1024 / clients
            reader = await stack.enter_async_context(_client(port, user_token(keys, tenants[0])))
            return kilobytes, await _spans(backends, tenants[0], reader, settlements)


async def _spans(backends: Backends, tenant: UUID, reader: asyncio.StreamReader, count: int) -> list[float]:
    """Milliseconds from the commit of each settlement until a client receives its event."""
    spans = []
    for number in range(count):
        await backends.outbox.enqueue([a_proposal(tenant)], actor=AGENT)
        [claimed] = await backends.outbox.claim("bench", limit=1, lease_for=timedelta(minutes=1))
        await asyncio.sleep(0.05 + 0.001 * (number % 25))  # not in step with the polls of the server
        settlement = Settlement(
            lease=claimed.lease, envelope_id=claimed.envelope.id, to=Disposition.SUCCESS, result={"ok": True}
        )
        await backends.outbox.settle("bench", [settlement])
        settled_at = time.perf_counter()
        async with asyncio.timeout(10):
            while not (line := await reader.readline()).startswith(b"event: envelope.success"):
                if not line:
                    raise RuntimeError("the stream has ended")
        spans.append((time.perf_counter() - settled_at) * 1000)
    return spans


@asynccontextmanager
async def _client(port: int, token: str) -> AsyncIterator[asyncio.StreamReader]:
    """A client that has received the first comment."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        writer.write(f"GET /v1/events HTTP/1.1\r\nHost: bench\r\nAuthorization: Bearer {token}\r\n\r\n".encode())
        async with asyncio.timeout(30):
            while not (line := await reader.readline()).startswith(b": connected"):
                if not line:
                    raise RuntimeError("the server has refused the client")
        yield reader
    finally:
        writer.transport.abort()
