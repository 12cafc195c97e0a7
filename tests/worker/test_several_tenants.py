"""One worker serves several tenants."""

from uuid import UUID

import pytest
from uuid_utils.compat import uuid7

from services.outbox import Proposal
from services.tools import Failed
from tests.builders import AGENT, HOUR, operator
from tests.worker.world import AGAIN, World, eventually


async def propose_one_id_for_two_tenants(world: World) -> tuple[UUID, tuple[UUID, UUID]]:
    """Two envelopes of two tenants with the same id, which proposals with random ids cannot have."""
    one, two, id_ = await world.add_tenant("one"), await world.add_tenant("two"), uuid7()
    proposals = [
        Proposal(id=id_, tenant_id=tenant, tool_slug=AGAIN, external_id="x", arguments={}) for tenant in (one, two)
    ]
    await world.backends.outbox.enqueue(proposals, actor=AGENT)
    return id_, (one, two)


async def test_two_tenants_envelopes_with_one_id_are_both_settled(world: World) -> None:
    id_, tenants = await propose_one_id_for_two_tenants(world)

    async def are_done() -> bool:
        return {(await world.backends.outbox.get(tenant, id_)).status for tenant in tenants} == {"success"}

    async with world.working() as worker:
        await eventually(are_done)
    assert (world.stage.ids, worker.settled) == ([id_, id_], {"success": 2})
    assert world.leased_lanes() == 0


async def test_requeueing_a_dead_letter_leaves_another_tenants_dead_letter_of_the_same_id(world: World) -> None:
    id_, tenants = await propose_one_id_for_two_tenants(world)
    world.stage.play = lambda _: Failed(error="no", retryable=False)

    async def are_dead() -> bool:
        return {(await world.backends.outbox.get(tenant, id_)).status for tenant in tenants} == {"failed"}

    async with world.working():
        await eventually(are_dead)
    back = await world.backends.outbox.requeue(tenant=tenants[0], envelopes=[id_], limit=10, actor=operator("olga"))
    assert [envelope.tenant_id for envelope in back] == [tenants[0]]
    assert (await world.backends.outbox.get(tenants[1], id_)).status == "failed"


async def test_a_flood_of_one_tenant_delays_another_by_one_round_of_claims_at_most(world: World) -> None:
    noisy, quiet = await world.add_tenant("noisy"), await world.add_tenant("quiet")
    flood = await world.propose(noisy, 200)
    world.stage.curtain.clear()
    async with world.working(concurrency=4):
        await world.stage.called(4)
        (envelope,) = await world.propose(quiet)
        world.stage.curtain.set()
        await world.become("success", envelope, *flood[:1])
        ids = await world.stage.called(16)
    assert ids.index(envelope) < 4 + 4 + 4  # running, queued, and one round of claims


@pytest.mark.parametrize("lanes", [1, 40])
async def test_hanging_calls_of_one_tenant_leave_slots_for_others(world: World, lanes: int) -> None:
    hanging, quick = await world.add_tenant("hanging", lanes=lanes), await world.add_tenant("quick")
    world.stage.hanging.add(hanging)
    async with world.working(concurrency=64):
        await world.propose(hanging, 200)
        await world.stage.called(56)
        for _ in range(3):
            await world.become("success", *await world.propose(quick, 10))
        assert len(world.stage.calls) == 56 + 30


async def test_two_tenants_whose_calls_hang_together_leave_slots_for_others(world: World) -> None:
    hanging = [await world.add_tenant("one"), await world.add_tenant("two")]
    quick = await world.add_tenant("quick")
    world.stage.hanging.update(hanging)
    for tenant in hanging:
        await world.propose(tenant, 100)
    async with world.working(concurrency=64):
        await world.become("success", *await world.propose(quick, 10))
        await world.stage.called(50 + 10)
        await world.become("success", *await world.propose(quick, 10))


async def test_a_worker_looks_for_other_work_from_time_to_time_while_calls_of_a_tenant_hang(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The tenant's free lanes are due all the time, so a worker that slept until work is due would never sleep."""
    monkeypatch.setattr("worker.claim.CLAIM_FOR_OTHERS_EVERY", HOUR)
    tenant = await world.add_tenant(lanes=40)
    outbox = world.faulty()
    await world.propose(tenant, 400)
    world.stage.hanging.add(tenant)
    async with world.working(concurrency=16):
        await world.stage.called(14)
        await outbox.called("claim", 2)  # the second claim finds nothing
        await world.let_pass()
        assert outbox.calls["claim"] == 2


async def test_a_worker_for_one_tenant_gives_it_all_slots(world: World) -> None:
    tenant = await world.add_tenant()
    await world.propose(tenant, 100)
    world.stage.hanging.add(tenant)
    async with world.working(concurrency=64, tenant=tenant):
        await world.stage.called(64)


async def test_a_worker_for_one_tenant_executes_no_other_tenants_envelopes(world: World) -> None:
    mine, other = await world.add_tenant("mine"), await world.add_tenant("other")
    theirs = await world.propose(other, 3)
    ours = await world.propose(mine, 3)
    async with world.working(tenant=mine):
        await world.become("success", *ours)
        ours += await world.propose(mine)
        await world.become("success", *ours)
    assert sorted(world.stage.ids) == sorted(ours)
    assert await world.states(*theirs) == [("pending", 0)] * 3
