"""How long a worker uses the policies it has read, and what a pause changes at once."""

from services.outbox import ClaimedEnvelope, Disposition, Settlement
from services.pauses import PauseKind
from tests.builders import AGENT, HOUR, operator
from tests.worker.judging import a_claimer, dispositions, executable
from tests.worker.world import World


async def test_policies_are_read_again_only_when_the_cached_ones_are_too_old(world: World) -> None:
    tenant = await world.add_tenant()
    guardrails, catalog = world.faulty("guardrails"), world.faulty("catalog")
    fresh, stale = a_claimer(world, policy_max_age=HOUR), a_claimer(world)
    for worker, reads in ((fresh, 1), (stale, 3)):
        guardrails.calls.clear()
        catalog.calls.clear()
        for _ in range(3):
            (envelope,) = await world.propose(tenant)
            batch = await worker.take()
            assert executable(batch) == [envelope]
            await world.backends.outbox.settle("w1", [_done(attempt.claimed) for attempt in batch.attempts])
        assert (guardrails.calls["policies"], catalog.calls["find"]) == (reads, reads)


async def test_a_pause_holds_the_next_claim_of_a_worker_without_a_policy_cache(world: World) -> None:
    tenant = await world.add_tenant()
    worker = a_claimer(world)
    await worker.take()
    await world.backends.tenants.pause(tenant, actor=operator("test"), reason=None)
    (envelope,) = await world.propose(tenant)
    assert dispositions(await worker.take()) == {envelope: Disposition.HOLD}


async def test_a_pause_holds_the_next_claim_although_the_cached_policy_allows_the_call(world: World) -> None:
    tenant = await world.add_tenant()
    worker = a_claimer(world, policy_max_age=HOUR)
    (before,) = await world.propose(tenant)
    assert executable(await worker.take()) == [before]
    await world.backends.pauses.start(
        tenant, PauseKind.AGENT, AGENT.id, reason=None, ends_at=None, actor=operator("test")
    )
    (envelope,) = await world.propose(tenant)
    assert dispositions(await worker.take()) == {envelope: Disposition.HOLD}


def _done(claimed: ClaimedEnvelope) -> Settlement:
    return Settlement(lease=claimed.lease, envelope_id=claimed.envelope.id, to=Disposition.SUCCESS)


async def test_a_cached_policy_holds_nothing_after_the_pause_has_ended(world: World) -> None:
    tenant = await world.add_tenant()
    worker = a_claimer(world, policy_max_age=HOUR)
    await world.backends.tenants.pause(tenant, actor=operator("olga"), reason=None)
    held = await world.propose(tenant)
    assert dispositions(await worker.take()) == {held[0]: Disposition.HOLD}

    await world.backends.tenants.resume(tenant, actor=operator("olga"))
    fresh = await world.propose(tenant)
    assert executable(await worker.take()) == fresh
