"""Envelopes with one ordering key run in the order in which they were enqueued, even if the clock was set back."""

from datetime import timedelta
from uuid import UUID

from services.outbox import Disposition, Outbox
from services.tenants import Tenant, Tenants
from tests.builders import MINUTE, operator
from tests.clock import FakeClock
from tests.contract.builders import (
    a_dead_letter,
    a_proposal,
    close,
    ids,
    in_order,
    put,
    put_one,
    run_one,
    take,
    take_one,
)


async def served(outbox: Outbox) -> list[str]:
    """Claim and settle until nothing is due. Returns the external ids in the order in which the envelopes ran."""
    done = []
    while claimed := await take(outbox, limit=50):
        done += [call.envelope.external_id for call in claimed]
        for call in claimed:
            await close(outbox, call, Disposition.SUCCESS)
    return done


async def test_calls_enqueued_at_the_same_time_run_in_their_order(outbox: Outbox, tenant: UUID) -> None:
    keys = [f"k{n}" for n in range(12)]
    for key in keys:
        await put(outbox, in_order(tenant, "case-7", external_id=key))
    assert await served(outbox) == keys


async def test_batches_enqueued_at_the_same_time_run_in_their_order(outbox: Outbox, tenant: UUID) -> None:
    keys = [f"k{n}" for n in range(12)]
    for first in range(0, 12, 4):
        await put(outbox, *[in_order(tenant, "case-7", external_id=key) for key in keys[first : first + 4]])
    assert await served(outbox) == keys


async def test_a_clock_set_back_changes_no_order(outbox: Outbox, tenant: UUID, clock: FakeClock) -> None:
    await put(outbox, in_order(tenant, "case-7", external_id="first"))
    clock.advance(hours=-1)
    await put(outbox, in_order(tenant, "case-7", external_id="second"))
    clock.advance(hours=2)
    assert await served(outbox) == ["first", "second"]


async def test_a_clock_set_back_does_not_delay_free_lanes(outbox: Outbox, tenant: UUID, clock: FakeClock) -> None:
    due = ids(await put(outbox, *[a_proposal(tenant) for _ in range(3)]))
    await run_one(outbox, Disposition.SUCCESS)  # its lane went to the back of the queue at that time
    later = await put_one(outbox, tenant, next_run_at=clock() + 10 * MINUTE)
    clock.advance(hours=-1)

    claimed = await take(outbox)
    assert len(claimed) == 2
    assert set(ids(claimed)) < set(due)
    for call in claimed:
        await close(outbox, call, Disposition.SUCCESS)
    assert await outbox.due_in() == timedelta(minutes=70)
    assert (await outbox.get(tenant, later.id)).next_run_at == later.next_run_at


async def test_a_clock_set_back_extends_no_lease(outbox: Outbox, tenant: UUID, clock: FakeClock) -> None:
    envelope = await put_one(outbox, tenant)
    await take_one(outbox, "crashed")
    clock.advance(hours=-1)
    assert await take(outbox, "next") == []
    clock.advance(minutes=1)
    [lost] = await take(outbox, "next")
    assert (lost.envelope.id, lost.lost) == (envelope.id, True)


async def test_an_envelope_behind_another_of_its_ordering_key_is_not_due(
    outbox: Outbox, tenants: Tenants, tenant: UUID, clock: FakeClock
) -> None:
    head, _ = await put(outbox, in_order(tenant, "case-7"), in_order(tenant, "case-7"))
    await close(outbox, await take_one(outbox), Disposition.RETRY, error="busy", next_run_at=clock() + MINUTE)
    [status] = await outbox.status(tenant)
    assert (status.depth, status.oldest_due_at) == ({"pending": 2}, None)

    clock.advance(minutes=5)
    [status] = await outbox.status(tenant)
    assert status.oldest_due_at == head.created_at + MINUTE
    await tenants.pause(tenant, actor=operator("olga"), reason="a fire")
    [status] = await outbox.status(tenant)
    assert status.oldest_due_at is None


async def test_a_requeued_dead_letter_runs_before_later_envelopes_of_its_ordering_key(
    outbox: Outbox, tenant: UUID, clock: FakeClock
) -> None:
    dead = await a_dead_letter(outbox, tenant, metadata={"ordering_key": "case-7"}, external_id="oldest")
    clock.advance(seconds=1)
    await put(outbox, *[in_order(tenant, "case-7", external_id=f"k{n}") for n in range(3)])
    await outbox.requeue(tenant=tenant, envelopes=[dead.id], limit=1, actor=operator("olga"))
    clock.advance(seconds=1)
    assert await served(outbox) == ["oldest", "k0", "k1", "k2"]


async def test_an_ordering_key_keeps_its_order_after_its_tenant_gets_more_lanes(
    outbox: Outbox, tenants: Tenants, tenant: UUID, clock: FakeClock
) -> None:
    for lanes in (1, 16, 3, 7):
        await tenants.save(Tenant(id=tenant, name="acme", lanes=lanes), actor=operator("olga"))
        await put(outbox, *[in_order(tenant, "case-7", external_id=f"{lanes}-{n}") for n in range(3)])
    done = []
    for _ in range(12):
        clock.advance(minutes=1)
        done += await served(outbox)
    assert done == [f"{lanes}-{n}" for lanes in (1, 16, 3, 7) for n in range(3)]
