"""Envelopes with the same ordering key are claimed one after the other."""

from uuid import UUID

from services.envelope import Status
from services.outbox import Disposition, Outbox
from services.tenants import Tenant, Tenants
from tests.builders import MINUTE, NOW, operator
from tests.clock import FakeClock
from tests.contract.builders import a_proposal, close, ids, in_order, put, settled, take, take_one
from tests.contract.test_outbox_claim import _OPERATOR


async def test_only_the_first_open_envelope_of_an_ordering_key_is_claimed(outbox: Outbox, tenant: UUID) -> None:
    first, second, other, free = await put(
        outbox, in_order(tenant, "a"), in_order(tenant, "a"), in_order(tenant, "b"), a_proposal(tenant)
    )

    claimed = await take(outbox)
    assert set(ids(claimed)) == {first.id, other.id, free.id}
    assert await take(outbox) == []

    await outbox.settle("worker-1", [settled(call, Disposition.SUCCESS) for call in claimed])
    assert ids(await take(outbox)) == [second.id]


async def test_equal_ordering_keys_of_two_tenants_are_independent(
    outbox: Outbox, tenant: UUID, other_tenant: UUID
) -> None:
    await put(outbox, in_order(tenant, "a"), in_order(other_tenant, "a"))

    assert len(await take(outbox)) == 2


async def test_every_json_value_except_null_is_an_ordering_key(outbox: Outbox, tenant: UUID) -> None:
    await put(
        outbox,
        *[a_proposal(tenant, metadata={"ordering_key": key}) for key in (7, "7", "", "", None, None, {"a": 1})],
    )

    assert len(await take(outbox)) == 5


async def test_a_retry_keeps_its_place_in_the_ordering_key(outbox: Outbox, tenant: UUID, clock: FakeClock) -> None:
    first, second = await put(outbox, in_order(tenant, "a"), in_order(tenant, "a"))
    await close(outbox, await take_one(outbox), Disposition.RETRY, error="busy", next_run_at=NOW + MINUTE)
    assert await take(outbox) == []

    clock.advance(minutes=1)
    claimed = await take(outbox)
    assert ids(claimed) == [first.id]
    await close(outbox, claimed[0], Disposition.SUCCESS)
    assert ids(await take(outbox)) == [second.id]


async def test_an_ordering_key_keeps_its_order_after_the_number_of_lanes_changed(
    outbox: Outbox, tenants: Tenants, tenant: UUID, clock: FakeClock
) -> None:
    [first] = await put(outbox, in_order(tenant, "key"))
    await tenants.save(Tenant(id=tenant, name="acme", lanes=256), actor=operator("olga"))
    clock.advance(seconds=1)
    [second] = await put(outbox, in_order(tenant, "key"))
    assert first.lane != second.lane

    one = await take_one(outbox, "one")
    assert one.envelope == first
    assert await take(outbox, "two") == []
    await close(outbox, one, Disposition.SUCCESS, worker="one")
    assert ids(await take(outbox, "two")) == [second.id]


async def test_every_final_state_frees_the_next_envelope_of_the_ordering_key(
    outbox: Outbox, tenant: UUID, clock: FakeClock
) -> None:
    endings = [Disposition.SUCCESS, Disposition.CONFLICT, Disposition.FAILED, Disposition.DENIED]
    envelopes = await put(outbox, *[in_order(tenant, "a") for _ in range(len(endings) + 1)])

    for envelope, ending in zip(envelopes, endings, strict=False):
        claimed = await take(outbox)
        assert ids(claimed) == [envelope.id]
        clock.advance(seconds=1)
        await close(outbox, claimed[0], ending, error="over")

    assert ids(await take(outbox)) == [envelopes[-1].id]


async def test_cancelling_the_first_envelope_of_an_ordering_key_frees_the_next(outbox: Outbox, tenant: UUID) -> None:
    first, second = await put(outbox, in_order(tenant, "a"), in_order(tenant, "a"))

    cancelled = await outbox.cancel(tenant, first.id, actor=_OPERATOR, reason=None)

    assert cancelled.status is Status.CANCELLED
    assert ids(await take(outbox)) == [second.id]
