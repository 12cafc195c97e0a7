"""Subscriptions: each wanted event gets exactly one envelope, and a dead receiver stops its own deliveries alone."""

from dataclasses import replace
from uuid import UUID, uuid4

import pytest

from services.backends import Backends
from services.catalog import Tool, ToolKey, ToolStatus
from services.deliver_events import deliver_events
from services.envelope import Envelope, Status
from services.errors import InvalidInput, NotFound, StateConflict
from services.outbox import Disposition
from services.subscriptions import (
    DELIVERY_ACTOR,
    MAX_FAILURES_IN_A_ROW,
    MAX_SUBSCRIPTIONS,
    MAX_WAITING,
    Delivery,
    NewSubscription,
    Subscription,
    SubscriptionKey,
    SubscriptionKind,
)
from tests.builders import AGENT, HOUR, operator
from tests.clock import FakeClock
from tests.contract.builders import WORKER, a_proposal, put, settled

OLGA = operator("olga")


def a_webhook(*event_types: str) -> NewSubscription:
    return NewSubscription(
        id=uuid4(), kind=SubscriptionKind.WEBHOOK, target="https://hooks.test/",
        event_types=event_types or ("envelope.*",),
    )  # fmt: skip


async def subscribe(backends: Backends, tenant: UUID, *event_types: str) -> SubscriptionKey:
    created = await backends.subscriptions.create(tenant, a_webhook(*event_types), actor=OLGA)
    return SubscriptionKey(tenant, created.id)


async def subscription(backends: Backends, key: SubscriptionKey) -> Subscription:
    found = await backends.subscriptions.list_subscriptions(key.tenant_id)
    return next(each for each in found if each.id == key.id)


async def deliveries(backends: Backends, key: SubscriptionKey, status: Status | None = None) -> list[Envelope]:
    """What was enqueued for the subscription, the oldest first."""
    listed = await backends.outbox.list_envelopes(key.tenant_id, status=status, limit=1000)
    slug = f"control_plane__event.{key.id}"
    return sorted((each for each in listed if each.tool_slug == slug), key=lambda each: each.created_at)


async def end_all(backends: Backends, disposition: Disposition, *, limit: int = 1000) -> int:
    """Settle what is due, as a worker does. Returns how many."""
    claimed = await backends.outbox.claim(WORKER, limit=limit, lease_for=HOUR)
    error = {} if disposition is Disposition.SUCCESS else {"error": "HTTP 500"}
    assert not await backends.outbox.settle(WORKER, [settled(each, disposition, **error) for each in claimed])
    return len(claimed)


async def test_each_wanted_event_gets_one_envelope_and_later_runs_add_none(backends: Backends, tenant: UUID) -> None:
    key = await subscribe(backends, tenant, "envelope.proposed")
    [proposed] = await put(backends.outbox, a_proposal(tenant))

    assert await backends.subscriptions.due() == [key]
    assert [await deliver_events(backends, key) for _ in range(2)] == [1, 0]

    [delivery] = await deliveries(backends, key)
    assert delivery.proposed_by == DELIVERY_ACTOR.principal
    assert delivery.arguments["type"] == "envelope.proposed"
    assert delivery.arguments["data"]["envelope_id"] == str(proposed.id)
    assert delivery.arguments["data"]["actor"] == {"type": AGENT.type, "id": AGENT.id}
    assert await deliver_events(backends, key) == 0  # its own audit rows are no events
    assert await backends.subscriptions.due() == []


async def test_two_subscriptions_get_an_envelope_each(backends: Backends, tenant: UUID) -> None:
    first, second = await subscribe(backends, tenant), await subscribe(backends, tenant)
    await put(backends.outbox, a_proposal(tenant))

    assert [await deliver_events(backends, key) for key in (first, second)] == [1, 1]
    [one], [two] = await deliveries(backends, first), await deliveries(backends, second)
    assert one.arguments == two.arguments
    assert one.id != two.id


async def test_only_events_after_the_subscription_and_of_the_tenant_are_delivered(
    backends: Backends, tenant: UUID, other_tenant: UUID
) -> None:
    await put(backends.outbox, a_proposal(tenant))
    key = await subscribe(backends, tenant)
    await put(backends.outbox, a_proposal(other_tenant))

    assert await deliver_events(backends, key) == 0
    assert await deliveries(backends, key) == []


async def test_a_scheduler_that_is_late_enqueues_nothing(backends: Backends, tenant: UUID) -> None:
    key = await subscribe(backends, tenant)
    at = (await subscription(backends, key)).read_seq
    late = Delivery(envelope_id=uuid4(), event={"id": "evt_1", "type": "envelope.hold", "data": {}}, ordering_key="0")

    assert await backends.subscriptions.deliver(key, after=at, up_to=at + 5, deliveries=[])
    assert not await backends.subscriptions.deliver(key, after=at, up_to=at + 5, deliveries=[late])
    assert await deliveries(backends, key) == []


async def test_no_more_deliveries_wait_than_the_bound_and_none_is_lost(backends: Backends, tenant: UUID) -> None:
    key = await subscribe(backends, tenant, "envelope.proposed")
    proposals = [a_proposal(tenant) for _ in range(MAX_WAITING + 5)]
    for at in range(0, len(proposals), 5):
        await put(backends.outbox, *proposals[at : at + 5])

    assert await deliver_events(backends, key) == MAX_WAITING
    assert await deliver_events(backends, key) == 0
    assert key not in await backends.subscriptions.due()
    while await end_all(backends, Disposition.SUCCESS):
        pass
    assert await backends.subscriptions.due() == [key]
    assert await deliver_events(backends, key) == 5

    told = [each.arguments["data"]["envelope_id"] for each in await deliveries(backends, key)]
    assert sorted(told) == sorted(str(proposal.id) for proposal in proposals)


async def fail_deliveries(backends: Backends, key: SubscriptionKey, count: int) -> None:
    for _ in range(count):
        await backends.subscriptions.test(key.tenant_id, key.id, uuid4(), actor=OLGA)
        assert await end_all(backends, Disposition.FAILED) == 1
        await backends.subscriptions.count_deliveries(key)


async def test_ten_failures_in_a_row_disable_a_subscription_and_the_reason_is_on_record(
    backends: Backends, tenant: UUID, clock: FakeClock
) -> None:
    key = await subscribe(backends, tenant)
    await fail_deliveries(backends, key, MAX_FAILURES_IN_A_ROW - 1)
    assert (await subscription(backends, key)).disabled_at is None
    await fail_deliveries(backends, key, 1)

    disabled = await subscription(backends, key)
    assert (disabled.failures, disabled.disabled_at) == (MAX_FAILURES_IN_A_ROW, clock())
    assert disabled.disabled_reason == "10 deliveries in a row failed; the last: HTTP 500"
    [row] = await backends.audit_log.tail(tenant, limit=1)
    assert (row.entry.category, row.entry.payload["reason"]) == (
        "event_subscription.disabled", disabled.disabled_reason,
    )  # fmt: skip
    assert await deliver_events(backends, key) == 0
    assert await backends.subscriptions.due() == []
    with pytest.raises(StateConflict, match="is disabled"):
        await backends.subscriptions.test(tenant, key.id, uuid4(), actor=OLGA)


async def test_a_success_ends_the_row_of_failures(backends: Backends, tenant: UUID) -> None:
    key = await subscribe(backends, tenant)
    await fail_deliveries(backends, key, MAX_FAILURES_IN_A_ROW - 1)
    await backends.subscriptions.test(tenant, key.id, uuid4(), actor=OLGA)
    await end_all(backends, Disposition.SUCCESS)
    await backends.subscriptions.count_deliveries(key)
    assert (await subscription(backends, key)).failures == 0
    await fail_deliveries(backends, key, 1)
    assert (await subscription(backends, key)).disabled_at is None


async def tool_of(backends: Backends, key: SubscriptionKey) -> Tool | None:
    tool_key = ToolKey(key.tenant_id, f"control_plane__event.{key.id}", None)
    return (await backends.catalog.find([tool_key])).get(tool_key)


async def test_an_enabled_subscription_goes_on_where_it_stopped(backends: Backends, tenant: UUID) -> None:
    key = await subscribe(backends, tenant, "envelope.proposed")
    await fail_deliveries(backends, key, MAX_FAILURES_IN_A_ROW)
    [missed] = await put(backends.outbox, a_proposal(tenant))
    found = await tool_of(backends, key)
    assert found is not None
    assert found.status is ToolStatus.REMOVED  # deliveries that wait are held

    enabled = await backends.subscriptions.enable(tenant, key.id, actor=OLGA)
    again = await backends.subscriptions.enable(tenant, key.id, actor=OLGA)

    assert (enabled.disabled_at, enabled.failures, again) == (None, 0, enabled)
    assert await deliver_events(backends, key) == 1
    [delivery] = await deliveries(backends, key)
    assert delivery.arguments["data"]["envelope_id"] == str(missed.id)


async def test_a_subscription_is_a_tool_that_no_list_shows(
    backends: Backends, tenant: UUID, other_tenant: UUID, clock: FakeClock
) -> None:
    key = await subscribe(backends, tenant)
    await backends.subscriptions.rotate_secret(tenant, key.id, actor=OLGA)

    found = await tool_of(backends, key)

    assert found is not None
    rotated_at = found.config.pop("secret_rotated_at")  # type: ignore[attr-defined]  # a dict
    assert rotated_at.startswith(f"{clock():%Y-%m-%dT%H:%M:%S}")
    assert found == replace(
        found, provider="http", idempotent=True, status=ToolStatus.ACTIVE, subscription_id=key.id,
        config={"kind": "webhook", "target": "https://hooks.test/", "secret_version": 2},
    )  # fmt: skip
    assert await backends.catalog.list_tools(tenant) == []
    assert await tool_of(backends, SubscriptionKey(other_tenant, key.id)) is None


async def test_deleting_cancels_what_waits_and_nothing_else(backends: Backends, tenant: UUID) -> None:
    key, other = await subscribe(backends, tenant), await subscribe(backends, tenant)
    for each in (key, other):
        await backends.subscriptions.test(tenant, each.id, uuid4(), actor=OLGA)

    await backends.subscriptions.delete(tenant, key.id, actor=OLGA)

    assert [each.status for each in await deliveries(backends, key)] == [Status.CANCELLED]
    assert [each.status for each in await deliveries(backends, other)] == [Status.PENDING]
    assert await tool_of(backends, key) is None
    assert await backends.subscriptions.count_deliveries(key) is None
    assert await backends.audit_log.tail(tenant, limit=1) != []
    [row] = await backends.audit_log.tail(tenant, limit=1)
    assert row.entry.category == "event_subscription.deleted"


async def test_a_dead_delivery_is_requeued_as_it_was_or_not_at_all(backends: Backends, tenant: UUID) -> None:
    key, envelope = await subscribe(backends, tenant), uuid4()
    await backends.subscriptions.test(tenant, key.id, envelope, actor=OLGA)
    assert await end_all(backends, Disposition.FAILED) == 1
    [dead] = await backends.outbox.list_dead_letters(tenant, limit=1)

    with pytest.raises(StateConflict, match="nobody may edit an event"):
        await backends.outbox.requeue_edited(
            tenant, envelope, arguments={"id": "evt_1", "data": {}}, actor=OLGA, reason=None
        )
    await backends.outbox.requeue_edited(tenant, envelope, arguments=dead.arguments, actor=OLGA, reason=None)
    [requeued] = await deliveries(backends, key)
    assert (requeued.status, requeued.arguments) == (Status.PENDING, dead.arguments)


async def test_a_test_that_is_sent_again_is_one_envelope(backends: Backends, tenant: UUID) -> None:
    key, envelope = await subscribe(backends, tenant), uuid4()
    for _ in range(2):
        await backends.subscriptions.test(tenant, key.id, envelope, actor=OLGA)

    [sent] = await deliveries(backends, key)
    assert (sent.id, sent.arguments["type"]) == (envelope, "webhook.test")
    assert sent.arguments["data"]["subscription_id"] == str(key.id)


@pytest.mark.parametrize(
    ("field", "changes"),
    [
        ("target", {"target": ""}),
        ("target", {"target": "x" * 1025}),
        ("via", {"via": "app"}),
        ("via", {"kind": SubscriptionKind.SLACK}),
        ("event_types", {"event_types": ()}),
        ("event_types", {"event_types": ("two words.*",)}),
        ("event_types", {"event_types": ("envelope",)}),
        ("event_types", {"event_types": ("envelope.x",) * 51}),
        ("description", {"description": "x" * 256}),
    ],
)
async def test_an_invalid_subscription_is_refused_by_field_name(
    backends: Backends, tenant: UUID, field: str, changes: dict[str, object]
) -> None:
    with pytest.raises(InvalidInput) as refused:
        await backends.subscriptions.create(tenant, replace(a_webhook(), **changes), actor=OLGA)  # type: ignore[arg-type]
    assert refused.value.field == field


async def test_a_tenant_has_a_bounded_number(backends: Backends, tenant: UUID, other_tenant: UUID) -> None:
    for _ in range(MAX_SUBSCRIPTIONS):
        await subscribe(backends, tenant)
    with pytest.raises(InvalidInput, match="at most 20"):
        await subscribe(backends, tenant)
    await subscribe(backends, other_tenant)


async def test_a_subscription_of_another_tenant_is_not_found(
    backends: Backends, tenant: UUID, other_tenant: UUID
) -> None:
    key = await subscribe(backends, tenant)
    subscriptions = backends.subscriptions
    for change in (subscriptions.rotate_secret, subscriptions.enable, subscriptions.delete):
        with pytest.raises(NotFound):
            await change(other_tenant, key.id, actor=OLGA)
    with pytest.raises(NotFound):
        await subscriptions.test(other_tenant, key.id, uuid4(), actor=OLGA)
    with pytest.raises(NotFound):
        await subscribe(backends, uuid4())
    assert await subscriptions.list_subscriptions(other_tenant) == []
    assert len(await subscriptions.list_subscriptions(tenant)) == 1


async def test_every_change_is_audited(backends: Backends, tenant: UUID) -> None:
    key = await subscribe(backends, tenant)
    await backends.subscriptions.rotate_secret(tenant, key.id, actor=OLGA)
    await backends.subscriptions.test(tenant, key.id, uuid4(), actor=OLGA)
    rows = await backends.audit_log.tail(tenant, limit=4)
    told = [(row.entry.category, row.entry.actor.id) for row in reversed(rows)]
    assert told == [
        ("event_subscription.created", "olga"),
        ("event_subscription.secret_rotated", "olga"),
        ("event_subscription.tested", "olga"),
        ("envelope.proposed", "event_delivery"),
    ]
    assert {row.entry.payload.get("subscription_id") for row in rows} == {str(key.id), None}
