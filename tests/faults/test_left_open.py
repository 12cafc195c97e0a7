"""A transaction of one tenant stays open for three leases while a worker runs, and does not affect another tenant."""

import signal
from uuid import uuid4

import psycopg

from tests.faults.process import a_worker
from tests.faults.receiver import Receiver
from tests.worker.world import AGAIN, CANCEL, ENQUEUE, ONCE, World, eventually

SHORT = {"ACP_LEASE_FOR": 3, "ACP_TOOL_TIMEOUT": 2.9}
LEASES = """select extract(epoch from now() - xact_start) from pg_stat_activity
    where state = 'idle in transaction' and datname = current_database()"""


async def test_other_tenants_finish_while_a_transaction_stays_open(world: World, receiver: Receiver) -> None:
    receiver.curtain.set()
    tenant, busy, neighbour = [await world.add_tenant(name, config=receiver.config) for name in ("one", "two", "three")]
    (held,) = await world.propose(busy, next_run_at=None)
    with psycopg.connect(world.url) as enqueuing, psycopg.connect(world.url) as cancelling:
        enqueuing.execute(ENQUEUE, {"id": uuid4(), "tenant": tenant, "slug": AGAIN})
        cancelling.execute(CANCEL, [busy, held])
        async with a_worker(world.url, "--concurrency", "6", **SHORT) as worker:
            ids = []
            while world.sql(LEASES)[0][0] < 3 * SHORT["ACP_LEASE_FOR"]:
                for slug in (AGAIN, ONCE):
                    for each in (tenant, neighbour):
                        ids += await world.propose(each, 3, slug=slug)
                await world.become("success", *ids[-12:])
            enqueuing.commit()
            cancelling.rollback()
            await world.become("success", held)
            await eventually(lambda: len(receiver.keys) == len(ids) + 2)
            worker.send(signal.SIGTERM)
            assert await worker.ended() == 0
    assert set(await world.states(*ids, held)) == {("success", 1)}
    assert set(receiver.counts.values()) == {1}
    assert worker.events("lease.lost") == worker.events("heartbeat.missed") == []
