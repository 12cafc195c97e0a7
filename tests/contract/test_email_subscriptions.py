"""Subscriptions by e-mail: an address gets one message a minute, which tells of everything since the last."""

from collections.abc import Sequence
from dataclasses import replace
from uuid import UUID, uuid4

import pytest

from services.backends import Backends
from services.deliver_events import deliver_events
from services.errors import StateConflict
from services.outbox import Disposition
from services.subscriptions import SubscriptionKey, SubscriptionKind
from tests.builders import HOUR
from tests.clock import FakeClock
from tests.contract.builders import WORKER, a_proposal, asking, put, settle_all, settled
from tests.contract.test_subscriptions import (
    OLGA,
    a_webhook,
    deliveries,
    end_all,
    subscribe,
    subscription,
    tool_of,
)


async def subscribe_by_mail(
    backends: Backends, tenant: UUID, addresses: Sequence[str] = ("ann@b.test", "bob@b.test")
) -> SubscriptionKey:
    new = replace(a_webhook("approval.requested"), kind=SubscriptionKind.EMAIL, target=",".join(addresses))
    return SubscriptionKey(tenant, (await backends.subscriptions.create(tenant, new, actor=OLGA)).id)


async def ask_for_approval(backends: Backends, tenant: UUID, count: int = 1) -> list[UUID]:
    """So many envelopes that wait for a decision."""
    proposed = [each.id for each in await put(backends.outbox, *(a_proposal(tenant) for _ in range(count)))]
    claimed = await backends.outbox.claim(WORKER, limit=1000, lease_for=HOUR)
    await settle_all(
        backends.outbox,
        [asking(each) if each.envelope.id in proposed else settled(each, Disposition.RELEASE) for each in claimed],
    )
    return proposed


async def test_all_events_of_a_minute_are_one_email(backends: Backends, tenant: UUID, clock: FakeClock) -> None:
    key = await subscribe_by_mail(backends, tenant)
    asked = await ask_for_approval(backends, tenant, 3)
    assert await backends.subscriptions.due() == [key]
    assert await deliver_events(backends, key) == 1
    [mail] = await deliveries(backends, key)
    told = mail.arguments["data"]
    assert (mail.arguments["type"], told["not_shown"]) == ("digest", 0)
    assert {event["data"]["envelope_id"] for event in told["events"]} == set(map(str, asked))
    assert {event["data"]["reason"] for event in told["events"]} == {"its trust is too low"}

    [later] = await ask_for_approval(backends, tenant)
    assert await backends.subscriptions.due() == []
    assert await deliver_events(backends, key) == 0  # the first still waits
    await end_all(backends, Disposition.SUCCESS)
    await deliver_events(backends, key)
    assert len(await deliveries(backends, key)) == 1  # and a minute has not passed
    clock.advance(minutes=1)
    assert await backends.subscriptions.due() == [key]
    assert await deliver_events(backends, key) == 1
    [_, second] = await deliveries(backends, key)
    assert [event["data"]["envelope_id"] for event in second.arguments["data"]["events"]] == [str(later)]


async def test_a_flood_is_one_email_that_counts_what_it_does_not_show(backends: Backends, tenant: UUID) -> None:
    key = await subscribe_by_mail(backends, tenant)
    await ask_for_approval(backends, tenant, 60)
    assert await deliver_events(backends, key) == 1
    [mail] = await deliveries(backends, key)
    told = mail.arguments["data"]
    assert (len(told["events"]), told["not_shown"]) == (20, 40)


async def test_an_email_is_tested_once_a_minute(backends: Backends, tenant: UUID, clock: FakeClock) -> None:
    key, envelope = await subscribe_by_mail(backends, tenant), uuid4()
    for _ in range(2):
        await backends.subscriptions.test(tenant, key.id, envelope, actor=OLGA)
    assert (await subscription(backends, key)).mailed_at == clock()
    with pytest.raises(StateConflict, match="got an e-mail in the last minute"):
        await backends.subscriptions.test(tenant, key.id, uuid4(), actor=OLGA)
    clock.advance(minutes=1)
    await backends.subscriptions.test(tenant, key.id, uuid4(), actor=OLGA)
    assert len(await deliveries(backends, key)) == 2
    found = await tool_of(backends, key)
    assert found is not None
    assert (found.provider, found.config) == (
        "email", {"kind": "email", "target": "ann@b.test,bob@b.test", "secret_version": 1},
    )  # fmt: skip


async def test_an_email_created_again_goes_on_with_the_minute_of_the_deleted(
    backends: Backends, tenant: UUID, other_tenant: UUID, clock: FakeClock
) -> None:
    first = await subscribe_by_mail(backends, tenant)
    await backends.subscriptions.test(tenant, first.id, uuid4(), actor=OLGA)
    mailed_at = clock()
    clock.advance(seconds=20)
    again = first
    for _ in range(2):  # the second was deleted without an e-mail of its own
        await backends.subscriptions.delete(tenant, again.id, actor=OLGA)
        again = await subscribe_by_mail(backends, tenant)
        assert (await subscription(backends, again)).mailed_at == mailed_at
    with pytest.raises(StateConflict, match="got an e-mail in the last minute"):
        await backends.subscriptions.test(tenant, again.id, uuid4(), actor=OLGA)
    await ask_for_approval(backends, tenant)
    assert await backends.subscriptions.due() == []
    assert await deliver_events(backends, again) == 0

    other = await subscribe_by_mail(backends, other_tenant)
    webhook = await subscribe(backends, tenant)
    assert [(await subscription(backends, key)).mailed_at for key in (other, webhook)] == [None, None]
    clock.advance(seconds=40)
    assert await deliver_events(backends, again) == 1


async def test_notices_that_name_the_same_address_take_turns_each_minute(
    backends: Backends, tenant: UUID, other_tenant: UUID, clock: FakeClock
) -> None:
    first = await subscribe_by_mail(backends, tenant)
    second = await subscribe_by_mail(backends, tenant, ["BOB@b.test"])
    elsewhere = await subscribe_by_mail(backends, tenant, ["cleo@b.test"])
    foreign = await subscribe_by_mail(backends, other_tenant)
    for each in (tenant, other_tenant):
        await ask_for_approval(backends, each)
    assert [await deliver_events(backends, key) for key in (first, second, elsewhere, foreign)] == [1, 0, 1, 1]
    with pytest.raises(StateConflict, match=r"an address of .* got an e-mail in the last minute"):
        await backends.subscriptions.test(tenant, second.id, uuid4(), actor=OLGA)
    await end_all(backends, Disposition.SUCCESS)
    await backends.subscriptions.count_deliveries(first)

    clock.advance(minutes=1)
    await ask_for_approval(backends, tenant)
    assert [key for key in await backends.subscriptions.due(tenant) if key != elsewhere] == [second, first]
    assert [await deliver_events(backends, key) for key in (second, first)] == [1, 0]
    clock.advance(minutes=1)
    assert await deliver_events(backends, first) == 1
