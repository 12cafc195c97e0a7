"""A dead connection, on which the server no longer answers, is noticed and replaced."""

import asyncio
import socket
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta

import pytest
from structlog.testing import capture_logs

from services.backends.database.outbox import DatabaseOutbox
from services.backends.database.transport import listener as listening
from services.backends.database.transport.keepalive import KEEPALIVE_OPTIONS, enable_keepalive
from services.backends.database.transport.listener import Listener
from services.backends.database.transport.pool import PostgresFunctions, postgres_functions
from services.backends.open import postgres_backends
from services.database.connect import connect
from services.errors import NotReady
from tests.builders import HOUR
from tests.db.connections.silent import SilentProxy
from tests.worker.world import WITHIN, World, eventually

SOON = timedelta(seconds=0.2)


@pytest.fixture
async def proxy(database_url: str) -> AsyncIterator[SilentProxy]:
    """A proxy in front of the database of the test."""
    async with SilentProxy(database_url) as proxy:
        yield proxy


def a_listener(url: str) -> Listener:
    return Listener(url, probe_every=SOON, max_retry_delay=SOON)


@contextmanager
def silent(proxy: SilentProxy, waits: Listener | PostgresFunctions) -> Iterator[None]:
    """Silence the proxy for the block, with a timeout for answers that is too short for a busy machine otherwise."""
    usual, waits._answer_within = waits._answer_within, SOON.total_seconds()  # noqa: SLF001
    proxy.silence()
    yield
    proxy.heal()
    waits._answer_within = usual  # noqa: SLF001


def count_events(logs: Sequence[Mapping[str, object]], event: str) -> int:
    return sum(1 for line in logs if line["event"] == event)


async def test_a_dead_listener_connection_is_logged_once_and_replaced(database_url: str, proxy: SilentProxy) -> None:
    listener = a_listener(proxy.url)
    with capture_logs() as logs:
        async with asyncio.timeout(WITHIN):
            await listener.wait(HOUR)  # it listens
            with silent(proxy, listener):
                await eventually(lambda: count_events(logs, "listen.lost") == 1)
                before = proxy.accepted
                await eventually(lambda: proxy.accepted >= before + 3)  # it tries again and again
            await eventually(lambda: count_events(logs, "listen.back") == 1)
            await listener.wait(HOUR)  # envelopes may have been added in between
            waiting = asyncio.create_task(listener.wait(HOUR))
            with connect(database_url) as connection:
                connection.execute("notify outbox_due")
            await waiting
            await listener.close()
    assert count_events(logs, "listen.lost") == 1
    assert "TimeoutError" in str(next(line["error"] for line in logs if line["event"] == "listen.lost"))


async def test_a_worker_polls_while_its_listener_is_dead_and_listens_again_later(proxy: SilentProxy) -> None:
    listener = a_listener(proxy.url)
    async with postgres_backends(proxy.direct) as backends, postgres_functions(proxy.direct, size=2) as pool:
        world = World(replace(backends, outbox=DatabaseOutbox(pool, listener)), proxy.direct)
        tenant = await world.add_tenant()
        with capture_logs() as logs:
            async with world.working(poll_every=timedelta(seconds=0.1)):
                await eventually(lambda: proxy.accepted > 0)
                with silent(proxy, listener):
                    await eventually(lambda: count_events(logs, "listen.lost") == 1)
                    await world.become("success", *await world.propose(tenant))
            async with world.working(poll_every=HOUR):
                await eventually(lambda: count_events(logs, "listen.back") == 1)
                await world.become("success", *await world.propose(tenant))
        await listener.close()


def test_a_dead_connection_is_noticed_long_before_a_lease_ends() -> None:
    assert timedelta(seconds=20) >= listening.PROBE_EVERY + listening.ANSWER_WITHIN


async def test_a_call_over_a_dead_connection_fails_and_the_connection_is_not_used_again(proxy: SilentProxy) -> None:
    async with postgres_functions(proxy.url, size=2) as pool:
        await asyncio.gather(*[pool.call("due_in", tenant=None, as_of=None) for _ in range(4)])  # both are open
        async with asyncio.timeout(WITHIN):
            with silent(proxy, pool), pytest.raises(NotReady, match=r"not reachable \(TimeoutError\)"):
                await pool.call("due_in", tenant=None, as_of=None)
            for _ in range(4):
                await pool.call("due_in", tenant=None, as_of=None)


async def test_cancelling_a_call_over_a_dead_connection_does_not_wait_for_the_connection(proxy: SilentProxy) -> None:
    async with postgres_functions(proxy.url, size=1) as pool:
        await pool.call("due_in", tenant=None, as_of=None)
        proxy.silence()
        async with asyncio.timeout(WITHIN):
            with pytest.raises(TimeoutError):
                async with asyncio.timeout(0.1):
                    await pool.call("due_in", tenant=None, as_of=None)
            proxy.heal()
            await pool.call("due_in", tenant=None, as_of=None)


async def test_connections_use_tcp_keepalives() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server, socket.create_connection(server.getsockname()) as one:

        class Connection:
            class _transport:  # noqa: N801
                get_extra_info = staticmethod(lambda _name: one)

        enable_keepalive(Connection)  # type: ignore[arg-type]
        assert one.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE) == 1
        assert {
            name: one.getsockopt(socket.IPPROTO_TCP, getattr(socket, name)) for name in KEEPALIVE_OPTIONS
        } == KEEPALIVE_OPTIONS
