"""A shadow run beside a worker: what goes wrong with it loses verdicts of the run, and no call."""

from uuid import UUID, uuid4

import psycopg
import pytest

from services.guardrails import Verdict
from services.shadow_runs import ShadowRun
from tests.builders import HOUR, operator
from tests.worker.world import AWAY, World, eventually

OLGA = operator("olga")


async def shadowed_tenant(world: World) -> UUID:
    """A tenant all of whose calls the candidate of a shadow run would ask about."""
    tenant = await world.add_tenant()
    await world.backends.shadow_runs.start(
        tenant, uuid4(), candidate={"trust_threshold": 1}, lasts_for=HOUR, max_envelopes=100, actor=OLGA
    )
    return tenant


async def run_of(world: World, tenant: UUID) -> ShadowRun:
    [run] = await world.backends.shadow_runs.list_runs(tenant)
    return run


async def test_calls_go_on_while_verdicts_cannot_be_stored(world: World) -> None:
    tenant = await shadowed_tenant(world)
    faulty = world.faulty("shadow_runs")
    faulty.broken["record"] = AWAY
    async with world.working():
        [lost] = await world.propose(tenant)
        await world.become("success", lost)
        await faulty.called("record", 1)
        faulty.broken.clear()
        [kept] = await world.propose(tenant)
        await world.become("success", kept)
        await faulty.called("record", 2)
    run = await run_of(world, tenant)
    differing = await world.backends.shadow_runs.list_differences(tenant, run.id)
    assert [verdict.envelope_id for verdict in differing] == [kept]


async def test_a_candidate_that_makes_the_judge_fail_stops_nothing(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    judged: list[object] = []

    def fail(*arguments: object, **_: object) -> Verdict:
        judged.append(arguments)
        raise ZeroDivisionError

    monkeypatch.setattr("worker.shadow.judge_shadow", fail)
    tenant = await shadowed_tenant(world)
    ids = await world.propose(tenant, 3)
    async with world.working():
        await world.become("success", *ids)
        await eventually(lambda: len(judged) == len(ids))
    assert (await run_of(world, tenant)).envelopes == 0


async def test_verdicts_of_a_locked_run_are_sent_again(world: World) -> None:
    tenant = await shadowed_tenant(world)
    faulty = world.faulty("shadow_runs")
    async with world.working():
        with psycopg.connect(world.url) as connection:
            connection.execute("select from public.shadow_runs for update")
            [envelope] = await world.propose(tenant)
            await world.become("success", envelope)
            await faulty.called("record", 2)

        async def is_recorded() -> bool:
            return (await run_of(world, tenant)).envelopes == 1

        await eventually(is_recorded)


async def test_an_envelope_that_is_judged_again_counts_once(world: World) -> None:
    tenant = await shadowed_tenant(world)
    faulty = world.faulty("shadow_runs")
    await world.backends.tenants.pause(tenant, actor=OLGA, reason=None)
    [envelope] = await world.propose(tenant)
    async with world.working():
        await eventually(lambda: "envelope.hold" in world.events_of(envelope))
        await world.backends.tenants.resume(tenant, actor=OLGA)
        await world.become("success", envelope)
        await faulty.called("record", 2)
    run = await run_of(world, tenant)
    assert [(count.decision, count.candidate_decision, count.envelopes) for count in run.verdicts] == [
        ("hold", "needs_approval", 1)
    ]
