"""A worker that has only the rights of `outbox_worker` and reaches the database only over the data API, also during
failures."""

import asyncio
import signal
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from services.backends.open import postgres_backends
from services.database import embedded
from services.database.embedded import Cluster
from services.database.rest import RestStack, rest_stack
from tests.clusters import hush
from tests.faults.conftest import crash, propose_to_two_tenants
from tests.faults.process import WorkerProcess, a_worker
from tests.faults.receiver import Receiver
from tests.worker.world import World

SHORT = {"ACP_LEASE_FOR": 9, "ACP_TOOL_TIMEOUT": 8}


@pytest.fixture
async def world(own_cluster: Cluster, request: pytest.FixtureRequest) -> AsyncIterator[World]:
    """Services over a direct connection, so that the test can see what the worker cannot. Needs PostgREST."""
    request.getfixturevalue("rest_for")
    async with postgres_backends(own_cluster.url) as backends:
        yield World(backends, own_cluster.url)


@asynccontextmanager
async def data_api(cluster: Cluster, folder: Path, port: int = 0) -> AsyncIterator[RestStack]:
    async with rest_stack(cluster.authenticator_url, folder, port=port, say=hush) as stack:
        yield stack


def least_worker(stack: RestStack) -> AbstractAsyncContextManager[WorkerProcess]:
    """A worker with role outbox_worker, which signs its JWTs itself."""
    return a_worker(
        "", "--concurrency", "8", SUPABASE_URL=stack.url, SUPABASE_PUBLISHABLE_KEY=stack.keys.publishable,
        SUPABASE_JWT_SECRET=stack.keys.jwt_secret, ACP_SUPABASE_ROLE="outbox_worker", **SHORT,
    )  # fmt: skip


async def test_a_worker_with_role_outbox_worker_executes_everything_over_rest(
    own_cluster: Cluster, world: World, receiver: Receiver, tmp_path: Path
) -> None:
    receiver.curtain.set()
    async with data_api(own_cluster, tmp_path) as stack, least_worker(stack) as worker:
        ids = await propose_to_two_tenants(world, receiver, 20)
        (broken,) = await world.propose(world.tenant_of[ids[0]], tool_version="2")
        await world.become("success", *ids)
        await world.become("denied", broken)
        worker.send(signal.SIGTERM)
        assert await worker.ended() == 0
    assert receiver.counts == dict.fromkeys(ids, 1)
    assert worker.events("database.not_ready") == []


async def test_a_database_crash_behind_the_api_loses_no_envelope_and_repeats_no_call(
    own_cluster: Cluster, world: World, receiver: Receiver, tmp_path: Path
) -> None:
    receiver.curtain.set()
    async with data_api(own_cluster, tmp_path) as stack, least_worker(stack) as worker:
        await worker.logged("worker.started")
        ids = await propose_to_two_tenants(world, receiver, 60)
        await receiver.called(40)
        crash(own_cluster)
        await asyncio.to_thread(embedded.start, own_cluster.data_dir, say=hush)
        async with postgres_backends(own_cluster.url) as backends:
            world.backends = backends
            await world.become("success", *ids)
        worker.send(signal.SIGTERM)
        assert await worker.ended() == 0
    assert receiver.counts == dict.fromkeys(ids, 1)


async def test_a_worker_waits_while_the_api_is_down(
    own_cluster: Cluster, world: World, receiver: Receiver, tmp_path: Path
) -> None:
    async with AsyncExitStack() as first:
        stack = await first.enter_async_context(data_api(own_cluster, tmp_path))
        async with least_worker(stack) as worker:
            receiver.free = 8
            ids = await propose_to_two_tenants(world, receiver, 5)
            await receiver.called(15)  # seven calls wait for the curtain: one of eight slots stays free
            await first.aclose()
            receiver.curtain.set()
            await worker.logged("heartbeat.missed")
            async with data_api(own_cluster, tmp_path, port=urlsplit(stack.url).port or 0):
                await world.become("success", *ids)
                worker.send(signal.SIGTERM)
                assert await worker.ended() == 0
    assert receiver.counts == dict.fromkeys(ids, 1)
