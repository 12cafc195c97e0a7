"""How long a worker uses the policies it has read, and what a pause changes at once."""

from collections import Counter
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest

from services.outbox import ClaimedEnvelope, Disposition, Settlement
from services.pauses import PauseKind
from tests.builders import AGENT, HOUR, operator
from tests.worker.judging import ClaimAndJudge, a_claimer, dispositions, executable
from tests.worker.world import AGAIN, World
from worker import policies


@pytest.fixture
def reads(world: World) -> Counter[str]:
    """Counts the reads of policies and of tools by workers that are made after it."""
    counter: Counter[str] = Counter()
    world.faulty("guardrails").calls = world.faulty("catalog").calls = counter
    return counter


async def reads_of_three_claims(
    worker: ClaimAndJudge, tenant: UUID, reads: Counter[str], *, stamps: bool = True
) -> list[int]:
    """How often policies and tools are read, with claims of this database or of one that knows no stamps."""
    world = worker.world
    reads.clear()
    for _ in range(3):
        (envelope,) = await world.propose(tenant)
        claimed = await worker.claimer.claim(limit=100, tenant=None)
        if not stamps:
            claimed = tuple(replace(each, policy_stamp=None, tool_stamp=None) for each in claimed)
        batch = await worker.judge(claimed, free_slots=100)
        assert executable(batch) == [envelope]
        await world.backends.outbox.settle("w1", [_done(attempt.claimed) for attempt in batch.attempts])
    return [reads["policies"], reads["find"]]


async def test_policies_and_tools_are_read_again_only_when_their_stamps_have_changed(
    world: World, reads: Counter[str]
) -> None:
    tenant = await world.add_tenant()
    worker = a_claimer(world)
    assert await reads_of_three_claims(worker, tenant, reads) == [1, 1]
    assert await reads_of_three_claims(worker, tenant, reads) == [0, 0]
    await world.backends.pauses.start(
        tenant, PauseKind.AGENT, "another", reason=None, ends_at=None, actor=operator("test")
    )
    assert await reads_of_three_claims(worker, tenant, reads) == [1, 0]
    [tool] = [tool for tool in await world.backends.catalog.list_tools(tenant) if tool.tool_slug == AGAIN]
    await world.backends.catalog.save([replace(tool, description="changed")], actor=operator("test"))
    assert await reads_of_three_claims(worker, tenant, reads) == [0, 1]


async def test_stamps_are_not_trusted_for_ever(
    world: World, reads: Counter[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    tenant = await world.add_tenant()
    monkeypatch.setattr(policies, "TRUST_STAMPS_FOR", timedelta(0))
    assert await reads_of_three_claims(a_claimer(world, policy_max_age=HOUR), tenant, reads) == [3, 3]


async def test_with_an_older_database_policies_are_read_again_when_they_are_too_old(
    world: World, reads: Counter[str]
) -> None:
    tenant = await world.add_tenant()
    fresh, stale = a_claimer(world, policy_max_age=HOUR), a_claimer(world)
    assert await reads_of_three_claims(fresh, tenant, reads, stamps=False) == [1, 1]
    assert await reads_of_three_claims(stale, tenant, reads, stamps=False) == [3, 3]


async def test_a_full_cache_keeps_only_what_is_young_enough(
    world: World, reads: Counter[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = [await world.add_tenant(name) for name in ("one", "two")]
    worker = a_claimer(world)
    monkeypatch.setattr(policies, "MAX_CACHED", 0)
    assert await reads_of_three_claims(worker, first, reads) == [1, 1]
    assert await reads_of_three_claims(worker, second, reads) == [1, 1]
    assert await reads_of_three_claims(worker, first, reads) == [1, 1]
    monkeypatch.undo()
    assert await reads_of_three_claims(worker, second, reads) == [1, 1]
    assert await reads_of_three_claims(worker, first, reads) == [0, 0]


async def test_a_tool_that_is_gone_is_not_taken_from_the_cache(world: World, reads: Counter[str]) -> None:
    tenant = await world.add_tenant()
    worker = a_claimer(world, policy_max_age=HOUR)
    await reads_of_three_claims(worker, tenant, reads)
    world.sql("delete from public.tool_catalog where tenant_id = %s", tenant)
    (envelope,) = await world.propose(tenant)
    assert dispositions(await worker.take()) == {envelope: Disposition.DENIED}


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
