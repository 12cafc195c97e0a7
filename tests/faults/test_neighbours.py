"""One tenant holds locks, writes as many rows as it can and has a host that answers twice. Another tenant is not
affected."""

import asyncio
import json
import signal
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from types import TracebackType
from typing import Self
from uuid import UUID, uuid4

import psycopg
import pytest

from services.accounts import Account, AccountStatus
from services.guardrails import GuardrailSettings
from tests.builders import operator
from tests.faults.process import a_worker
from tests.worker.world import AGAIN, ENQUEUE, ONCE, World

ROUNDS, EACH = 4, 25
"""How often the neighbour proposes at least while the other tenant is active, and how many envelopes for each tool."""

FLOODS = (
    "update public.guardrails set scopes = ('{\"a\":' || repeat('[', 1500) || repeat(']', 1500) || '}')::jsonb",
    "update public.guardrails set rate_limits = '{\"x\": 1e5000}'",
    "update public.connected_accounts set metadata = '5'",
    "update public.connected_accounts set metadata = jsonb_build_object('x', repeat('y', 65000))",
    """
    insert into public.connected_accounts (tenant_id, provider, status, linked_at, metadata)
    select {tenant}, 'x' || n, 'connected', now(), jsonb_build_object('x', repeat('y', 60000))
    from generate_series(1, 4300) as n
    """,
)
"""What a tenant may try to write. Other tests check which of it the database accepts."""


class TwoTongued:
    """A host of several tenants. It answers calls of path `loud` twice in one segment, and all others once."""

    def __init__(self) -> None:
        self.keys: Counter[UUID] = Counter()
        self._server: asyncio.Server | None = None

    def config(self, path: str) -> dict[str, str]:
        """The `config` of a tool that calls this host."""
        assert self._server is not None
        return {"url": f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}/{path}", "secret": "demo"}

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0, backlog=1000)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, exc: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._server is not None
        self._server.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).decode()
                first, *lines = head.strip().split("\r\n")
                headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
                await reader.readexactly(int(headers["content-length"]))
                key = headers["idempotency-key"]
                self.keys[UUID(key)] += 1
                times = 2 if "/loud" in first else 1
                writer.write(_answer({"for": key}) + _answer({"for": "the next caller"}) * (times - 1))
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass  # the caller has closed the connection
        finally:
            writer.close()


def _answer(body: object) -> bytes:
    text = json.dumps(body).encode()
    return b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n%b" % (len(text), text)


@pytest.mark.parametrize(
    "seconds", [pytest.param(0, id="shortly"), pytest.param(120, id="for two minutes", marks=pytest.mark.slow)]
)
async def test_a_tenant_finishes_while_another_holds_locks_floods_rows_and_answers_twice(
    world: World, seconds: float
) -> None:
    loop = asyncio.get_running_loop()
    async with TwoTongued() as host:
        loud = await world.add_tenant("loud", config=host.config("loud"))
        quiet = await world.add_tenant("quiet", config=host.config("quiet"))
        for tenant in (loud, quiet):
            await world.backends.guardrails.save(GuardrailSettings(tenant_id=tenant), actor=operator("test"))
            account = Account(id=uuid4(), tenant_id=tenant, provider="x", status=AccountStatus.CONNECTED)
            await world.backends.accounts.save(account, actor=operator("test"))
        theirs = await world.propose(loud, EACH)

        async with a_worker(world.url, "--concurrency", "20") as worker:
            await worker.logged("worker.started")
            with an_open_enqueue(world, loud) as open_one, a_flood(world, loud):
                ours, ends_at = list[UUID](), loop.time() + seconds
                while len(ours) < ROUNDS * 2 * EACH or loop.time() < ends_at:
                    proposed = [each for slug in (AGAIN, ONCE) for each in await world.propose(quiet, EACH, slug=slug)]
                    await world.become("success", *proposed)
                    ours += proposed
            await world.become("success", *theirs, open_one)
            worker.send(signal.SIGTERM)
            assert await worker.ended() == 0

    assert await world.states(*ours) == [("success", 1)] * len(ours)
    assert [await result_of(world, each) for each in ours] == [{"for": str(each)} for each in ours]
    assert [await result_of(world, each) for each in theirs] == [{"for": str(each)} for each in theirs]
    assert host.keys == dict.fromkeys([*ours, *theirs, open_one], 1)


@contextmanager
def an_open_enqueue(world: World, tenant: UUID) -> Iterator[UUID]:
    """Propose an envelope in a transaction that stays open for the block."""
    envelope = uuid4()
    world.tenant_of[envelope] = tenant
    with psycopg.connect(world.url) as connection:
        connection.execute(ENQUEUE, {"id": envelope, "tenant": tenant, "slug": AGAIN})
        yield envelope


@contextmanager
def a_flood(world: World, tenant: UUID) -> Iterator[None]:
    """Write all this for the tenant, in transactions that stay open for the block."""
    connections = [_as_tenant(world, tenant, statement) for statement in FLOODS]
    try:
        yield
    finally:
        for connection in connections:
            connection.rollback()
            connection.close()


def _as_tenant(world: World, tenant: UUID, statement: str) -> psycopg.Connection:
    connection = psycopg.connect(world.url)
    connection.execute("set local role authenticated")
    connection.execute(
        "select set_config('request.jwt.claims', %s, true)", [json.dumps({"tenant_id": str(tenant), "sub": "loud"})]
    )
    connection.execute(
        "set local lock_timeout = '100ms'"
    )  # an earlier statement of the same tenant may have locked its rows
    try:
        connection.execute(statement.replace("{tenant}", f"'{tenant}'::uuid"))
    except psycopg.Error:
        connection.rollback()
    return connection


async def result_of(world: World, envelope: UUID) -> object:
    return (await world.get(envelope)).result
