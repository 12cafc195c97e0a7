"""Claims: which envelopes a worker gets, shared fairly among the tenants, and the lease that comes with them."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from uuid import UUID, uuid4

from services.envelope import Actor, ActorType
from services.outbox import ClaimedEnvelope, Disposition, Lease, Outbox
from services.tenants import Tenant, Tenants
from tests.builders import MINUTE, NOW, operator
from tests.clock import FakeClock
from tests.contract.builders import a_proposal, close, ids, in_order, put, put_one, settle_all, settled, take, take_one

_OPERATOR = Actor(type=ActorType.OPERATOR, id="olga")


async def test_a_claim_returns_the_whole_envelope_with_its_lease(outbox: Outbox, tenant: UUID) -> None:
    envelope = await put_one(outbox, tenant)

    claimed = await take_one(outbox)

    assert claimed == ClaimedEnvelope(envelope=envelope, lease=Lease(tenant, 0, claimed.lease.token))
    assert await outbox.get(tenant, envelope.id) == envelope


async def test_a_claim_returns_nothing_if_nothing_is_due(outbox: Outbox, tenant: UUID, clock: FakeClock) -> None:
    await put_one(outbox, tenant, next_run_at=NOW + MINUTE)
    assert await take(outbox) == []

    clock.advance(minutes=1)
    assert len(await take(outbox)) == 1


async def test_a_single_tenant_gets_the_whole_limit_longest_due_first(
    outbox: Outbox, tenant: UUID, clock: FakeClock
) -> None:
    later = [a_proposal(tenant, next_run_at=NOW + timedelta(seconds=9 - n)) for n in range(9)]
    await put(outbox, *later)
    clock.advance(minutes=1)

    claimed = await take(outbox, limit=5)

    assert ids(claimed) == [proposal.id for proposal in reversed(later)][:5]


async def test_the_limit_is_shared_among_the_tenants_with_due_work(
    outbox: Outbox, tenant: UUID, other_tenant: UUID
) -> None:
    await put(outbox, *[a_proposal(tenant) for _ in range(20)], *[a_proposal(other_tenant) for _ in range(20)])

    claimed = await take(outbox, limit=10)

    assert [sum(call.envelope.tenant_id == one for call in claimed) for one in (tenant, other_tenant)] == [5, 5]


async def test_uneven_shares_never_exceed_the_limit(outbox: Outbox, tenants: Tenants) -> None:
    names = [uuid4() for _ in range(3)]
    for name in names:
        await tenants.save(Tenant(id=name, name=str(name)), actor=operator("olga"))
    await put(outbox, *[a_proposal(name) for name in names for _ in range(5)])

    assert len(await take(outbox, limit=4)) == 4


async def test_a_busy_tenant_delays_another_by_one_round_of_claims_at_most(
    outbox: Outbox, tenant: UUID, other_tenant: UUID, clock: FakeClock
) -> None:
    await put(outbox, *[a_proposal(tenant) for _ in range(1000)])
    clock.advance(seconds=1)
    quiet = await put_one(outbox, other_tenant)

    served: list[UUID] = []
    for _ in range(2):
        clock.advance(seconds=1)
        claimed = await take(outbox, limit=1)
        served += ids(claimed)
        await outbox.settle("worker-1", [settled(call, Disposition.SUCCESS) for call in claimed])

    assert quiet.id in served


async def test_a_busy_tenant_with_an_ordering_key_delays_another_by_one_round_too(
    outbox: Outbox, tenant: UUID, other_tenant: UUID, clock: FakeClock
) -> None:
    await put(outbox, *[in_order(tenant, "k") for _ in range(50)])
    clock.advance(seconds=1)
    quiet = await put_one(outbox, other_tenant)

    served: list[UUID] = []
    for _ in range(2):
        clock.advance(seconds=1)
        claimed = await take_one(outbox)
        served.append(claimed.envelope.id)
        await close(outbox, claimed, Disposition.SUCCESS)

    assert quiet.id in served


async def test_tenants_take_turns(outbox: Outbox, tenant: UUID, other_tenant: UUID, clock: FakeClock) -> None:
    await put(outbox, *[a_proposal(one) for one in (tenant, other_tenant) for _ in range(5)])

    turns: list[UUID] = []
    for _ in range(6):
        claimed = await take_one(outbox)
        clock.advance(seconds=1)
        await close(outbox, claimed, Disposition.SUCCESS)
        turns.append(claimed.envelope.tenant_id)

    first, second, *_ = turns
    assert first != second
    assert turns == [first, second] * 3


async def test_a_lane_is_leased_to_one_worker_at_a_time(outbox: Outbox, tenant: UUID) -> None:
    await put(outbox, a_proposal(tenant), a_proposal(tenant))
    await take(outbox, "one", limit=1)

    assert await take(outbox, "two", limit=1) == []


async def test_two_workers_claim_from_two_tenants_at_once(outbox: Outbox, tenant: UUID, other_tenant: UUID) -> None:
    await put(outbox, a_proposal(tenant), a_proposal(other_tenant))

    one, two = await take_one(outbox, "one"), await take_one(outbox, "two")

    assert {one.envelope.tenant_id, two.envelope.tenant_id} == {tenant, other_tenant}


async def test_several_workers_claim_from_several_lanes_of_one_tenant(
    outbox: Outbox, tenants: Tenants, tenant: UUID
) -> None:
    await tenants.save(Tenant(id=tenant, name="acme", lanes=4), actor=operator("olga"))
    proposals = [a_proposal(tenant, external_id=f"k{n}") for n in range(40)]
    await put(outbox, *proposals)

    claims = [await take(outbox, f"worker-{n}", limit=1) for n in range(5)]

    assert [len(claimed) for claimed in claims] == [1, 1, 1, 1, 0]


async def test_no_two_workers_ever_get_the_same_envelope(outbox: Outbox, tenants: Tenants) -> None:
    many = [Tenant(id=uuid4(), name=f"t{n}", lanes=4) for n in range(5)]
    for one in many:
        await tenants.save(one, actor=operator("olga"))
    proposals = [a_proposal(one.id) for one in many for _ in range(20)]
    await put(outbox, *proposals)

    async def work(name: str) -> list[UUID]:
        done: list[UUID] = []
        for _ in range(100):
            claimed = await outbox.claim(name, limit=7, lease_for=MINUTE)
            endings = [settled(call, Disposition.SUCCESS) for call in claimed]
            assert await settle_all(outbox, endings, worker=name) == frozenset()
            done += ids(claimed)
        return done

    async with asyncio.timeout(60):
        done = await asyncio.gather(*[work(f"worker-{n}") for n in range(4)])

    assert sorted(id_ for ids_ in done for id_ in ids_) == sorted(proposal.id for proposal in proposals)


async def test_a_worker_claims_more_from_its_own_lane_under_a_new_token(outbox: Outbox, tenant: UUID) -> None:
    await put(outbox, a_proposal(tenant), a_proposal(tenant))
    first = await take_one(outbox)

    second = await take_one(outbox)

    assert second.lease == replace(first.lease, token=second.lease.token)
    assert second.lease.token > first.lease.token
    assert second.envelope.id != first.envelope.id
    assert await take(outbox) == []
    await close(outbox, first, Disposition.SUCCESS)
    await close(outbox, second, Disposition.SUCCESS)


async def test_lanes_that_a_worker_already_leases_take_no_share_from_others(
    outbox: Outbox, tenant: UUID, other_tenant: UUID
) -> None:
    await put_one(outbox, tenant)
    await take_one(outbox)
    await put(outbox, *[a_proposal(other_tenant) for _ in range(4)])

    assert len(await take(outbox, limit=4)) == 4


async def test_claiming_more_from_a_leased_lane_renews_the_lease(
    outbox: Outbox, tenant: UUID, clock: FakeClock
) -> None:
    await put(outbox, a_proposal(tenant), a_proposal(tenant))
    await take_one(outbox)
    clock.advance(seconds=50)
    await take_one(outbox)
    clock.advance(seconds=50)

    assert await take(outbox, "other") == []


async def test_each_new_lease_has_a_higher_token(outbox: Outbox, tenant: UUID, clock: FakeClock) -> None:
    await put(outbox, a_proposal(tenant), a_proposal(tenant))
    tokens = []
    for _ in range(2):
        claimed = await take_one(outbox)
        tokens.append(claimed.lease.token)
        clock.advance(seconds=1)
        await close(outbox, claimed, Disposition.RELEASE)

    assert tokens[0] < tokens[1]


async def test_a_claim_can_be_for_one_tenant(outbox: Outbox, tenant: UUID, other_tenant: UUID) -> None:
    await put(outbox, a_proposal(tenant), a_proposal(other_tenant))

    claimed = await take(outbox, tenant=other_tenant)

    assert [call.envelope.tenant_id for call in claimed] == [other_tenant]


async def test_a_claim_can_leave_out_tenants_and_shares_its_limit_among_the_others(
    outbox: Outbox, tenant: UUID, other_tenant: UUID
) -> None:
    await put(outbox, *[a_proposal(tenant) for _ in range(3)], *[a_proposal(other_tenant) for _ in range(4)])
    await take(outbox, limit=2, tenant=tenant)

    claimed = await take(outbox, limit=4, except_tenants=frozenset({tenant}))

    assert [call.envelope.tenant_id for call in claimed] == [other_tenant] * 4
    assert await take(outbox, "another", except_tenants=frozenset({tenant, other_tenant})) == []
    assert [call.envelope.tenant_id for call in await take(outbox)] == [tenant]


async def test_expired_leases_are_taken_over_also_of_tenants_that_a_claim_leaves_out(
    outbox: Outbox, tenant: UUID, clock: FakeClock
) -> None:
    await put(outbox, a_proposal(tenant), a_proposal(tenant))
    first = await take_one(outbox)
    clock.advance(minutes=1)

    [again] = await take(outbox, except_tenants=frozenset({tenant}))
    assert (again.envelope.id, again.lost) == (first.envelope.id, True)
