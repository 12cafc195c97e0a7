"""PostgreSQL crashes while a worker executes a batch, and starts again."""

import asyncio
import signal

from services.backends.open import postgres_backends
from services.database import embedded
from services.database.embedded import Cluster
from tests.clusters import hush
from tests.faults.conftest import crash, propose_to_two_tenants
from tests.faults.process import WorkerProcess, a_worker
from tests.faults.receiver import Receiver
from tests.worker.world import World, eventually

SHORT = {"ACP_LEASE_FOR": 3, "ACP_TOOL_TIMEOUT": 2.9}
"""A claim whose answer was lost in the crash is taken over when its lease has expired."""


async def answers_healthz(worker: WorkerProcess, status: int, words: str = "") -> bool:
    answered, page = await worker.get("/healthz")
    return answered == status and words in page


async def test_a_worker_waits_for_postgresql_and_continues_after_its_restart(
    own_cluster: Cluster, receiver: Receiver
) -> None:
    async with a_worker(own_cluster.url, "--concurrency", "6", **SHORT) as worker:
        async with postgres_backends(own_cluster.url) as backends:
            world = World(backends, own_cluster.url)
            receiver.free = 12
            ids = await propose_to_two_tenants(world, receiver, 10)
            await receiver.called(18)
            assert await answers_healthz(worker, 200)
        crash(own_cluster)
        receiver.curtain.set()
        await eventually(lambda: answers_healthz(worker, 503, "database: "))

        restarted = await asyncio.to_thread(embedded.start, own_cluster.data_dir, say=hush)
        assert restarted.url == own_cluster.url
        async with postgres_backends(own_cluster.url) as backends:
            world.backends = backends
            await world.become("success", *ids)
            await eventually(lambda: answers_healthz(worker, 200))
            worker.send(signal.SIGTERM)
            assert await worker.ended() == 0
    assert receiver.counts == dict.fromkeys(ids, 1)
    assert world.leased_lanes() == 0
    assert worker.events("database.not_ready") != []


async def test_a_database_crash_under_load_loses_no_envelope_and_repeats_no_call(
    own_cluster: Cluster, receiver: Receiver
) -> None:
    receiver.curtain.set()
    async with a_worker(own_cluster.url, "--concurrency", "8", **SHORT) as worker:
        async with postgres_backends(own_cluster.url) as backends:
            world = World(backends, own_cluster.url)
            await worker.logged("worker.started")
            ids = await propose_to_two_tenants(world, receiver, 60)
            await receiver.called(40)
        crash(own_cluster)
        await worker.logged("database.not_ready")
        await asyncio.to_thread(embedded.start, own_cluster.data_dir, say=hush)
        async with postgres_backends(own_cluster.url) as backends:
            world.backends = backends
            await world.become("success", *ids)
            worker.send(signal.SIGTERM)
            assert await worker.ended() == 0
    assert receiver.counts == dict.fromkeys(ids, 1)
