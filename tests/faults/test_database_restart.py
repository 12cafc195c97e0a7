"""PostgreSQL crashes while a worker executes a batch, and starts again.

The crash may lose the last claims. Their calls are repeated with the same key if the tool honours it, and are not sent
otherwise.
"""

import asyncio
import signal
from uuid import UUID

from services.backends.open import postgres_backends
from services.database import embedded
from services.database.connect import connect
from services.database.embedded import Cluster
from services.outbox import Disposition, SentMarks, Settlement
from tests.builders import MINUTE
from tests.clusters import hush
from tests.faults.conftest import crash, propose_to_two_tenants
from tests.faults.process import WorkerProcess, a_worker
from tests.faults.receiver import Receiver
from tests.worker.world import ONCE, World, eventually

WORKER = "a-worker"
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
    assert_once_where_needed(receiver, ids, own_cluster)
    assert world.leased_lanes() == 0
    assert worker.events("database.not_ready") != []


async def test_a_database_crash_under_load_loses_no_envelope_and_repeats_only_calls_with_a_key(
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
    assert_once_where_needed(receiver, ids, own_cluster)


async def test_a_claim_that_a_crash_loses_marks_and_settles_nothing(own_cluster: Cluster) -> None:
    with connect(own_cluster.admin_url) as admin:
        admin.execute("alter system set wal_writer_delay = '10s'")  # nothing else flushes the claim
        admin.execute("select pg_reload_conf()")
    async with postgres_backends(own_cluster.url, pool_size=1) as backends:
        world = World(backends, own_cluster.url)
        tenant = await world.add_tenant("one", lanes=1)
        [id_] = await world.propose(tenant, slug=ONCE)
        [lost] = await backends.outbox.claim(WORKER, limit=1, lease_for=MINUTE)
        crash(own_cluster)
    await asyncio.to_thread(embedded.start, own_cluster.data_dir, say=hush)
    async with postgres_backends(own_cluster.url, pool_size=1) as backends:
        [again] = await backends.outbox.claim(WORKER, limit=1, lease_for=MINUTE)
        assert (again.envelope.id, again.lost) == (id_, False), "the crash did not lose the claim"
        assert await backends.outbox.mark_sent(WORKER, [lost]) == SentMarks()
        settlement = Settlement(lease=lost.lease, envelope_id=id_, to=Disposition.SUCCESS)
        assert (await backends.outbox.settle(WORKER, [settlement])).refused == {lost.envelope.key}
        assert await backends.outbox.mark_sent(WORKER, [again]) == SentMarks(marked=frozenset({again.envelope.key}))


def assert_once_where_needed(receiver: Receiver, ids: list[UUID], cluster: Cluster) -> None:
    with connect(cluster.url) as connection:
        rows = connection.execute("select id from public.outbox where tool_slug = %s", [ONCE]).fetchall()
    once = {id_ for (id_,) in rows}
    assert once < set(ids)
    assert set(receiver.counts) == set(ids)
    assert {receiver.counts[id_] for id_ in once} == {1}
    assert {receiver.counts[id_] for id_ in ids} <= {1, 2}
