"""Calls beyond the rate limit are held, each until there is a token for it."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from services.guardrails.recheck import RECHECK_AFTER
from services.outbox import Disposition
from tests.builders import HOUR, an_account, operator
from tests.worker.judging import a_claimer, dispositions, executable, set_rate_limits
from tests.worker.world import World
from worker.rates import BucketHolds

BUCKET = "stage.minute"


async def test_a_bucket_with_two_tokens_holds_three_of_five_envelopes_each_until_its_own_token(world: World) -> None:
    tenant = await world.add_tenant(rate_bucket=BUCKET)
    await set_rate_limits(world, tenant, {BUCKET: {"limit": 2, "per_seconds": 60}})
    ids = await world.propose(tenant, 5)

    before = datetime.now(UTC)
    batch = await a_claimer(world).take()
    after = datetime.now(UTC)

    assert executable(batch) == ids[:2]
    assert dispositions(batch) == dict.fromkeys(ids[2:], Disposition.HOLD)
    free_at = [settlement.next_run_at for _, settlement in batch.settled_unsent]
    assert all(at is not None for at in free_at)
    first, second, third = (at for at in free_at if at is not None)
    half = timedelta(seconds=30)
    assert before + half <= first <= after + half
    assert (second - first, third - second) == (half, half)
    assert all((s.reason or "").startswith("rate: ") for _, s in batch.settled_unsent)


async def test_two_tenants_share_no_rate_tokens(world: World) -> None:
    tenants = [await world.add_tenant(name, rate_bucket=BUCKET) for name in ("one", "two")]
    for tenant in tenants:
        await set_rate_limits(world, tenant, {BUCKET: {"limit": 1, "per_seconds": 60}})
        await world.propose(tenant, 2)
    batch = await a_claimer(world).take()
    assert {attempt.claimed.envelope.tenant_id for attempt in batch.attempts} == set(tenants)
    assert len(batch.attempts) == len([settlement for _, settlement in batch.settled_unsent]) == 2


@pytest.mark.parametrize("bucket", [BUCKET, "stage@eu.minute"])
async def test_each_connected_account_has_its_own_rate_bucket(world: World, bucket: str) -> None:
    tenant = await world.add_tenant(rate_bucket=bucket)
    await set_rate_limits(world, tenant, {bucket: {"limit": 1, "per_seconds": 60}})
    accounts = [an_account(id=uuid4(), tenant_id=tenant) for _ in range(2)]
    for account in accounts:
        await world.backends.accounts.save(account, actor=operator("test"))
        await world.propose(tenant, 2, connected_account_id=str(account.id))
    batch = await a_claimer(world).take()
    assert {attempt.claimed.envelope.connected_account_id for attempt in batch.attempts} == {
        str(each.id) for each in accounts
    }
    assert len(batch.attempts) == len([settlement for _, settlement in batch.settled_unsent]) == 2


async def test_a_retry_after_also_holds_calls_of_other_workers(world: World) -> None:
    tenant = await world.add_tenant(rate_bucket=BUCKET)
    await set_rate_limits(world, tenant, {BUCKET: {"limit": 9, "per_seconds": 60}})
    first, *others = await world.propose(tenant, 4)
    worker, neighbour = a_claimer(world), a_claimer(world)
    [attempt] = (await worker.take(1)).attempts
    until = datetime.now(UTC) + HOUR
    policy = worker.checker.policies.cached_policy(tenant)
    assert policy is not None
    holds = BucketHolds(world.backends.guardrails)
    holds.add(attempt, policy, until)
    await holds.save()
    batch = await neighbour.take()
    assert attempt.claimed.envelope.id == first
    assert dispositions(batch) == dict.fromkeys(others, Disposition.HOLD)
    assert batch.settled_unsent[0][1].next_run_at == until


async def test_a_rate_bucket_without_a_limit_holds_nothing(world: World) -> None:
    tenant = await world.add_tenant(rate_bucket=BUCKET)
    await set_rate_limits(world, tenant, {"another": {"limit": 1, "per_seconds": 60}})
    ids = await world.propose(tenant, 3)
    assert executable(await a_claimer(world).take()) == ids


@pytest.mark.parametrize("broken", [{"limit": 0, "per_seconds": 60}, {"limit": "many"}, "fast", None, {}])
async def test_an_unreadable_rate_limit_holds_every_call_until_it_is_corrected(world: World, broken: object) -> None:
    tenant = await world.add_tenant(rate_bucket=BUCKET)
    await set_rate_limits(world, tenant, {BUCKET: broken})
    ids = await world.propose(tenant, 2)

    before = datetime.now(UTC)
    batch = await a_claimer(world).take()

    assert executable(batch) == []
    assert dispositions(batch) == dict.fromkeys(ids, Disposition.HOLD)
    assert all(s.next_run_at is not None and s.next_run_at >= before + RECHECK_AFTER for _, s in batch.settled_unsent)
