"""The database is away, or refuses a call."""

from datetime import timedelta
from time import monotonic
from typing import Any

from services.errors import ControlPlaneError
from tests.builders import SECOND
from tests.worker.world import AWAY, ONCE, World, eventually
from worker.loop import PAUSE_AFTER_FAILED_READS

BEAT = timedelta(milliseconds=30)


async def test_a_worker_waits_for_its_database_and_reports_it_as_a_health_problem(world: World) -> None:
    tenant = await world.add_tenant()
    outbox = world.faulty()
    outbox.broken["claim"] = AWAY
    async with world.working() as worker:
        await outbox.called("claim", 3)
        assert worker.health.problems() == ["database: away"]
        (envelope,) = await world.propose(tenant)
        del outbox.broken["claim"]
        await world.become("success", envelope)
        await eventually(lambda: worker.health.problems() == [])


async def test_envelopes_of_a_claim_whose_answer_was_lost_are_executed_after_its_lease_expires(world: World) -> None:
    tenant, other = await world.add_tenant("one"), await world.add_tenant("two")
    (running,) = await world.propose(tenant)
    claim = world.backends.outbox.claim
    answers = 0

    async def lose_the_second_answer(*args: Any, **kwargs: Any) -> Any:
        nonlocal answers
        claimed = await claim(*args, **kwargs)
        answers += bool(claimed)
        if claimed and answers == 2:
            raise AWAY
        return claimed

    world.faulty().instead["claim"] = lose_the_second_answer
    world.stage.curtain.clear()
    async with world.working(lease_for=2 * SECOND, heartbeat_every=BEAT) as worker:
        await world.stage.called(1)
        envelopes = await world.propose(tenant) + await world.propose(other)
        await eventually(lambda: answers >= 2)
        world.stage.curtain.set()
        await world.become("success", running, *envelopes)
        await eventually(lambda: worker.health.problems() == [])
    assert world.stage.ids.count(running) == 1


async def test_a_settlement_is_kept_until_the_database_accepts_it(world: World) -> None:
    tenant = await world.add_tenant()
    (envelope,) = await world.propose(tenant, slug=ONCE)
    outbox = world.faulty()
    outbox.broken["settle"] = AWAY
    async with world.working():
        await outbox.called("settle", 3)
        assert await world.states(envelope) == [("pending", 0)]
        del outbox.broken["settle"]
        await world.become("success", envelope)
    assert len(world.stage.calls) == 1


async def test_a_refused_claim_does_not_affect_running_calls(world: World) -> None:
    tenant = await world.add_tenant()
    world.stage.curtain.clear()
    running = await world.propose(tenant)
    outbox = world.faulty()
    async with world.working(poll_every=BEAT):
        await world.stage.called(1)
        outbox.broken["claim"] = ControlPlaneError("database: could not extend file")
        before = outbox.calls["claim"]
        await outbox.called("claim", before + 1)
        world.stage.curtain.set()
        await world.become("success", *running)
        del outbox.broken["claim"]
        await world.become("success", *await world.propose(tenant))


async def test_a_worker_pauses_if_reads_fail_after_a_successful_claim(world: World) -> None:
    tenant = await world.add_tenant()
    envelopes = await world.propose(tenant)
    guardrails = world.faulty("guardrails")
    guardrails.broken["policies"] = AWAY
    began = monotonic()
    async with world.working() as worker:
        await guardrails.called("policies", 2)
        await eventually(lambda: worker.health.problems() == [str(AWAY)])
        assert guardrails.calls["policies"] <= 1 + (monotonic() - began) / PAUSE_AFTER_FAILED_READS.total_seconds()
        del guardrails.broken["policies"]
        await world.become("success", *envelopes)
