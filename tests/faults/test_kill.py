"""A worker is killed, stopped, frozen or started twice during a batch: no effect happens twice, and no envelope is
lost."""

import signal
from uuid import UUID

from tests.faults.process import WorkerProcess, a_worker, work_once
from tests.faults.receiver import Receiver
from tests.worker.world import AGAIN, ONCE, World, eventually


async def pending(world: World, *envelopes: UUID) -> bool:
    return any(state == "pending" for state, _ in await world.states(*envelopes))


def in_flight(world: World) -> set[UUID]:
    return {row[0] for row in world.sql("select unnest(in_flight) from app_private.lanes")}


def succeeded(world: World) -> int:
    return int(world.sql("select count(*) from public.outbox where status = 'success'")[0][0])


async def is_stopping(worker: WorkerProcess) -> bool:
    status, page = await worker.get("/healthz")
    return status == 503 and "stopping" in page


async def conflicts(worker: WorkerProcess) -> float:
    return await worker.metric("outbox_conflict_total", kind="lease")


async def has_conflicts(worker: WorkerProcess, count: int) -> bool:
    return await conflicts(worker) == count


async def test_after_sigkill_every_envelope_ends_once_and_only_running_calls_are_unknown(
    world: World, receiver: Receiver
) -> None:
    tenant = await world.add_tenant(lanes=4, config=receiver.config)
    again, once = [], []
    for _ in range(5):
        again += await world.propose(tenant, 4, slug=AGAIN)
        once += await world.propose(tenant, 4, slug=ONCE)
    receiver.free = 15

    async with a_worker(world.url, "--concurrency", "10") as worker:
        await receiver.called(24)  # of ten slots, one tenant gets nine
        await eventually(lambda: succeeded(world) == 15)  # answered calls are settled
        worker.send(signal.SIGKILL)
        assert await worker.ended() == -signal.SIGKILL

    doubtful, called = set(receiver.keys[15:]), set(receiver.keys)
    ready = in_flight(world) - doubtful  # waits for a slot if calls are slow
    assert doubtful <= in_flight(world)
    receiver.curtain.set()
    world.expire_leases()
    runs = 0
    while await pending(world, *again, *once):
        runs += 1
        assert runs <= 4
        await work_once(world.url, ACP_CONCURRENCY=100)

    states = dict(zip([*again, *once], await world.states(*again, *once), strict=True))
    assert {each for each, state in states.items() if state == ("unknown", 1)} == doubtful & set(once)
    assert {each for each, state in states.items() if state == ("success", 2)} == doubtful & set(again) | ready
    assert {each for each, state in states.items() if state == ("success", 1)} == states.keys() - doubtful - ready
    assert receiver.counts == {each: 1 + (each in doubtful & set(again)) for each in states}
    assert called <= states.keys()
    assert world.leased_lanes() == 0
    for envelope, (state, _) in states.items():
        assert world.events_of(envelope).count("envelope.success") == (state == "success")


async def test_sigterm_lets_running_calls_finish_and_releases_the_rest(world: World, receiver: Receiver) -> None:
    tenant = await world.add_tenant(lanes=2, config=receiver.config)
    ids = await world.propose(tenant, 12, slug=ONCE)
    async with a_worker(world.url, "--concurrency", "5") as worker:
        await receiver.called(5)
        worker.send(signal.SIGTERM)
        await eventually(lambda: is_stopping(worker))
        receiver.curtain.set()
        assert await worker.ended() == 0
    assert (await worker.logged("worker.stopped"))["settled"] == {"success": 5}
    states = await world.states(*ids)
    assert (states.count(("success", 1)), states.count(("pending", 0))) == (5, 7)
    assert len(receiver.keys) == 5
    assert world.leased_lanes() == 0


async def test_a_second_sigterm_cancels_running_calls(world: World, receiver: Receiver) -> None:
    tenant = await world.add_tenant(config=receiver.config)
    (again,) = await world.propose(tenant, slug=AGAIN)
    (once,) = await world.propose(tenant, slug=ONCE)
    async with a_worker(world.url, ACP_DRAIN_FOR=600) as worker:
        await receiver.called(2)
        worker.send(signal.SIGTERM)
        await eventually(lambda: is_stopping(worker))
        worker.send(signal.SIGTERM)
        assert await worker.ended() == 0
    assert await world.states(again, once) == [("pending", 1), ("unknown", 1)]
    assert world.leased_lanes() == 0


async def test_settlements_of_a_frozen_worker_after_its_lease_expired_change_nothing(
    world: World, receiver: Receiver
) -> None:
    tenant = await world.add_tenant(config=receiver.config)
    again = await world.propose(tenant, 2, slug=AGAIN)
    once = await world.propose(tenant, 2, slug=ONCE)
    async with a_worker(world.url) as frozen, a_worker(world.url, "--tenant", str(tenant)) as next_one:
        await receiver.called(4)
        held_by = world.sql("select worker_id from app_private.lanes")[0][0]
        names = {(await each.logged("worker.started"))["worker"]: each for each in (frozen, next_one)}
        holder = names.pop(held_by)
        (other,) = names.values()
        holder.send(signal.SIGSTOP)
        world.expire_leases()
        receiver.curtain.set()
        await world.become("success", *again)
        await world.become("unknown", *once)
        before = await world.states(*again, *once), [world.events_of(each) for each in (*again, *once)]
        assert await conflicts(other) == 0

        holder.send(signal.SIGCONT)
        await holder.logged("lease.lost")
        await eventually(lambda: has_conflicts(holder, 4))
        assert (await world.states(*again, *once), [world.events_of(each) for each in (*again, *once)]) == before
        for worker in (holder, other):
            worker.send(signal.SIGTERM)
            assert await worker.ended() == 0
    assert before[0] == [("success", 2)] * 2 + [("unknown", 1)] * 2
    assert receiver.counts == dict.fromkeys(again, 2) | dict.fromkeys(once, 1)
    assert holder.events("envelope.settled") == []


async def test_two_workers_serve_five_tenants_and_make_no_call_twice(world: World, receiver: Receiver) -> None:
    tenants = [await world.add_tenant(f"tenant {n}", lanes=16, config=receiver.config) for n in range(5)]
    ids = [
        each for n, tenant in enumerate(tenants) for each in await world.propose(tenant, 100, slug=(AGAIN, ONCE)[n % 2])
    ]
    async with a_worker(world.url, "--concurrency", "20") as one, a_worker(world.url, "--concurrency", "20") as two:
        await receiver.called(40)  # both workers are busy
        receiver.curtain.set()
        await receiver.called(len(ids))
        await eventually(lambda: world.leased_lanes() == 0)
        for worker in (one, two):
            worker.send(signal.SIGTERM)
            assert await worker.ended() == 0
    assert receiver.counts == dict.fromkeys(ids, 1)
    assert set(await world.states(*ids)) == {("success", 1)}
    served = [(await worker.logged("worker.stopped"))["settled"]["success"] for worker in (one, two)]
    assert sum(served) == len(ids)
    assert min(served) > 0
