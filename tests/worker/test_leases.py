"""Heartbeats renew leases; a worker that lost a lease settles nothing."""

import asyncio
from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

from services.outbox import Settlement, UnsettledEnvelopes
from tests.builders import HOUR
from tests.worker.world import AGAIN, AWAY, ONCE, World, eventually, metric

BEAT = timedelta(milliseconds=30)


async def test_heartbeats_renew_the_lease_of_a_long_call(world: World) -> None:
    tenant = await world.add_tenant()
    (envelope,) = await world.propose(tenant)
    outbox = world.faulty()
    world.stage.curtain.clear()

    def runs_out_at() -> Any:
        return world.sql("select ready_at from app_private.lanes")[0][0]

    async with world.working(heartbeat_every=BEAT):
        await world.stage.called(1)
        first, beats = runs_out_at(), outbox.calls["heartbeat"]
        await outbox.called("heartbeat", beats + 5)
        assert runs_out_at() >= first + 3 * BEAT
        world.stage.curtain.set()
        await world.become("success", envelope)
    assert len(world.stage.calls) == 1


async def test_a_settlement_after_the_lease_was_lost_is_refused_and_counted(world: World) -> None:
    tenant = await world.add_tenant()
    (envelope,) = await world.propose(tenant, slug=ONCE)
    world.stage.curtain.clear()
    async with world.working() as worker:
        await world.stage.called(1)
        assert world.take_over("next") == [envelope]
        world.stage.curtain.set()
        await eventually(lambda: metric(worker, "outbox_conflict_total", tenant=str(tenant), kind="lease") == 1)
    assert await world.states(envelope) == [("pending", 0)]
    assert world.sql("select worker_id, cardinality(in_flight) from app_private.lanes") == [("next", 1)]
    assert worker.settled == {}
    assert metric(worker, "outbox_processed_total", tenant=str(tenant), status="success") == 0


async def test_an_attempt_whose_lease_is_gone_at_a_heartbeat_is_abandoned_and_not_settled(world: World) -> None:
    tenant, other = await world.add_tenant("one"), await world.add_tenant("two")
    (lost,) = await world.propose(tenant)
    settle, outbox, sent = world.backends.outbox.settle, world.faulty(), set[UUID]()

    async def noting(worker_id: str, settlements: Sequence[Settlement]) -> UnsettledEnvelopes:
        sent.update(settlement.envelope_id for settlement in settlements)
        return await settle(worker_id, settlements)

    outbox.instead["settle"] = noting
    world.stage.curtain.clear()
    async with world.working(heartbeat_every=BEAT) as worker:
        await world.stage.called(1)
        world.take_over("next")
        (other_tenants,) = await world.propose(other)
        await world.stage.called(2)
        await eventually(lambda: world.stage.cancelled == [lost])
        world.stage.curtain.set()
        await world.become("success", other_tenants)
    assert await world.states(lost) == [("pending", 0)]
    assert world.stage.cancelled == [lost]
    assert worker.settled == {"success": 1}
    assert sent == {other_tenants}


async def test_an_envelope_claimed_again_while_its_lost_attempt_still_runs_is_executed_again(world: World) -> None:
    tenant = await world.add_tenant()
    (envelope,) = await world.propose(tenant)
    world.stage.curtain.clear()
    async with world.working():
        await world.stage.called(1)
        assert world.take_over("next") == [envelope]
        token = world.sql("select token from app_private.lanes")[0][0]
        world.sql(
            "select worker_api.settle('next', array[%s]::uuid[], '{0}', array[%s]::bigint[], array[%s]::uuid[],"
            " '{retry}', '[null]', '{null}', '{null}', '[]')",
            str(tenant), token, str(envelope),
        )  # fmt: skip
        assert await world.stage.called(2) == [envelope] * 2
        world.stage.curtain.set()
        await world.become("success", envelope)
        (after,) = await world.propose(tenant)
        await world.become("success", after)
    assert await world.states(envelope) == [("success", 2)]


async def test_two_missed_heartbeats_cancel_running_calls_and_stop_claiming_until_one_succeeds(world: World) -> None:
    tenant = await world.add_tenant()
    (again,) = await world.propose(tenant, slug=AGAIN)
    (once,) = await world.propose(tenant, slug=ONCE)
    outbox, cancelled = world.faulty(), list[int]()

    async def away(*_: object, **__: object) -> None:
        cancelled.append(len(world.stage.cancelled))
        raise AWAY

    outbox.held["settle"] = asyncio.Event()
    world.stage.curtain.clear()
    async with world.working(heartbeat_every=3 * BEAT):
        await world.stage.called(2)
        outbox.instead["heartbeat"] = away
        await eventually(lambda: len(cancelled) >= 3)
        assert cancelled[:3] == [0, 0, 2]  # the time of each missed heartbeat

        (later,) = await world.propose(tenant)
        claims = outbox.calls["claim"]
        await outbox.called("heartbeat", outbox.calls["heartbeat"] + 2)
        assert outbox.calls["claim"] == claims

        world.stage.curtain.set()
        del outbox.instead["heartbeat"]
        outbox.held["settle"].set()
        await world.become("success", later, again)
    assert await world.states(once, later) == [("unknown", 1), ("success", 1)]


async def test_a_single_missed_heartbeat_cancels_nothing(world: World) -> None:
    tenant = await world.add_tenant()
    (envelope,) = await world.propose(tenant)
    heartbeat, outbox = world.backends.outbox.heartbeat, world.faulty()

    async def missed_every_other_time(*args: Any, **kwargs: Any) -> Any:
        if outbox.calls["heartbeat"] % 2:
            raise AWAY
        return await heartbeat(*args, **kwargs)

    outbox.instead["heartbeat"] = missed_every_other_time
    world.stage.curtain.clear()
    async with world.working(heartbeat_every=BEAT):
        await world.stage.called(1)
        await outbox.called("heartbeat", 7)
        world.stage.curtain.set()
        await world.become("success", envelope)
    assert world.stage.cancelled == []


async def test_a_missed_heartbeat_shows_in_the_health_even_if_no_slot_is_free_for_a_claim(world: World) -> None:
    tenant = await world.add_tenant()
    await world.propose(tenant)
    heartbeat, outbox, seen = world.backends.outbox.heartbeat, world.faulty(), asyncio.Event()

    async def missed_once(*args: Any, **kwargs: Any) -> Any:
        if outbox.calls["heartbeat"] == 1:
            raise AWAY
        await seen.wait()
        return await heartbeat(*args, **kwargs)

    outbox.instead["heartbeat"] = missed_once
    world.stage.curtain.clear()
    async with world.working(concurrency=1, heartbeat_every=BEAT) as worker:
        await world.stage.called(1)
        await eventually(lambda: worker.health.problems() == ["database: away"])
        seen.set()
        await eventually(lambda: worker.health.problems() == [])
        assert world.stage.cancelled == []


async def test_a_worker_that_missed_heartbeats_claims_again_without_waiting_for_its_next_poll(world: World) -> None:
    tenant = await world.add_tenant()
    (envelope,) = await world.propose(tenant, slug=ONCE)
    outbox = world.faulty()
    world.stage.curtain.clear()
    async with world.working(heartbeat_every=BEAT, poll_every=HOUR):
        await world.stage.called(1)
        outbox.broken["heartbeat"] = AWAY
        await world.become("unknown", envelope)
        world.stage.curtain.set()
        (later,) = await world.propose(tenant)
        await world.become("success", later)
