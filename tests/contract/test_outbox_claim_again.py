"""A claim or settlement that is sent again after its answer was lost, or after its lease expired."""

import asyncio
from uuid import UUID, uuid4

import pytest

from services.outbox import Disposition, Outbox, UnsettledEnvelopes
from services.tenants import Tenant, Tenants
from tests.builders import operator
from tests.clock import FakeClock
from tests.contract.builders import WORKER, a_proposal, close, put, put_one, settled, take, take_one

CLAIM = UUID(int=1)


@pytest.mark.parametrize("to", [Disposition.RELEASE, Disposition.RETRY, Disposition.HOLD])
async def test_a_settlement_sent_twice_never_closes_a_later_attempt(
    outbox: Outbox, tenant: UUID, clock: FakeClock, to: Disposition
) -> None:
    await put(outbox, a_proposal(tenant), a_proposal(tenant))
    first, _ = await take(outbox)
    settlement = settled(first, to, error="busy", reason="wait", next_run_at=clock())
    assert await outbox.settle(WORKER, [settlement]) == UnsettledEnvelopes()

    again = await take_one(outbox)
    assert again.envelope.id == first.envelope.id
    assert (
        await outbox.settle(WORKER, [settlement]) == UnsettledEnvelopes()
    )  # it was settled like this, under the same lease
    assert await take(outbox) == []
    await close(outbox, again, Disposition.SUCCESS)


async def test_a_claim_sent_again_returns_what_it_leased_and_nothing_more(outbox: Outbox, tenants: Tenants) -> None:
    names = [uuid4() for _ in range(5)]
    for name in names:
        await tenants.save(Tenant(id=name, name=str(name)), actor=operator("olga"))
    await put(outbox, *[a_proposal(name) for name in names])
    first = await take(outbox, limit=2, claim_id=CLAIM)

    again = await take(outbox, limit=2, claim_id=CLAIM)

    assert again == sorted(first, key=lambda claimed: (claimed.lease.tenant_id, claimed.lease.lane))
    assert len(again) == 2
    await close(outbox, first[0], Disposition.SUCCESS)
    assert await take(outbox, limit=2, claim_id=CLAIM) == [first[1]]


async def test_a_claim_sent_again_during_the_first_returns_the_same(outbox: Outbox, tenant: UUID) -> None:
    await put(outbox, *[a_proposal(tenant) for _ in range(8)])
    async with asyncio.timeout(60):
        answers = await asyncio.gather(*[take(outbox, limit=2, claim_id=CLAIM) for _ in range(4)])
    assert answers == [answers[0]] * 4
    assert len(answers[0]) == 2


async def test_two_workers_may_use_the_same_claim_id(outbox: Outbox, tenant: UUID) -> None:
    await put(outbox, a_proposal(tenant))
    await take(outbox, claim_id=CLAIM)
    assert await take(outbox, worker="another", claim_id=CLAIM) == []


async def test_a_claim_sent_again_after_its_leases_expired_returns_them_as_lost(
    outbox: Outbox, tenant: UUID, clock: FakeClock
) -> None:
    await put_one(outbox, tenant)
    first = await take_one(outbox, claim_id=CLAIM)
    clock.advance(minutes=1)

    again = await take_one(outbox, claim_id=CLAIM)

    assert again.lost
    assert again.lease.token > first.lease.token
    assert await take_one(outbox, claim_id=CLAIM) == again


async def test_a_claim_sent_again_returns_no_older_lease_of_the_lane(outbox: Outbox, tenant: UUID) -> None:
    await put(outbox, a_proposal(tenant), a_proposal(tenant))
    await take(outbox, limit=1)
    [second] = await take(outbox, limit=1, claim_id=CLAIM)
    assert await take(outbox, limit=1, claim_id=CLAIM) == [second]


async def test_a_worker_whose_own_lease_expired_gets_its_envelopes_as_lost(
    outbox: Outbox, tenant: UUID, clock: FakeClock
) -> None:
    await put_one(outbox, tenant)
    first = await take_one(outbox)
    clock.advance(minutes=1)

    again = await take_one(outbox)

    assert again.lost
    assert again.lease.token > first.lease.token
    assert (await outbox.settle(WORKER, [settled(first, Disposition.SUCCESS)])).refused == {first.envelope.key}
