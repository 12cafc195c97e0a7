"""The dead-letter queue: dead letters are kept for a person, and requeued with no attempts counted."""

from dataclasses import replace
from uuid import UUID, uuid4

import pytest

from services.audit_log import AuditEntry, AuditLogger
from services.envelope import Actor, ActorType, Status
from services.errors import InvalidInput, NotFound
from services.outbox import ClaimedEnvelope, Disposition, Lease, Outbox
from tests.builders import NOW, operator
from tests.clock import FakeClock
from tests.contract.builders import a_dead_letter, events, ids, in_order, put, put_one, run_one, take, take_one


async def test_a_requeued_dead_letter_starts_with_no_attempts(
    outbox: Outbox, audit_log: AuditLogger, tenant: UUID, clock: FakeClock
) -> None:
    dead = await a_dead_letter(outbox, tenant, external_id="k1")
    clock.advance(hours=1)

    back = await outbox.requeue(tenant=tenant, envelopes=[dead.id], limit=10, actor=operator("olga"))

    alive = replace(
        dead, status=Status.PENDING, attempts=0, next_run_at=clock(), updated_at=clock(), moved_at=None
    )  # fmt: skip
    assert back == [alive]
    assert alive.last_error == "no such channel"
    assert await outbox.list_envelopes(tenant, status=None, limit=10) == [alive]
    assert await outbox.list_dead_letters(tenant, limit=10) == []
    [row] = await audit_log.tail(tenant, limit=1)
    assert row.entry == AuditEntry(
        tenant_id=tenant,
        actor=Actor(type=ActorType.OPERATOR, id="olga"),
        category="envelope.requeued",
        payload={"envelope_id": str(dead.id), "external_id": "k1", "tool_slug": dead.tool_slug},
    )
    claimed = await take_one(outbox)
    assert claimed == ClaimedEnvelope(envelope=alive, lease=Lease(tenant, 0, claimed.lease.token))


async def test_a_discarded_dead_letter_ends_as_cancelled_with_its_reason_on_record(
    outbox: Outbox, audit_log: AuditLogger, tenant: UUID, clock: FakeClock
) -> None:
    dead = await a_dead_letter(outbox, tenant, external_id="k1")
    clock.advance(hours=1)

    discarded = await outbox.discard(tenant, dead.id, actor=operator("olga"), reason="too late")

    ended = replace(dead, status=Status.CANCELLED, next_run_at=clock(), updated_at=clock(), moved_at=None)
    assert discarded == ended == await outbox.get(tenant, dead.id)
    assert await outbox.list_dead_letters(tenant, limit=10) == []
    assert await take(outbox) == []
    [row] = await audit_log.tail(tenant, limit=1)
    assert (row.entry.category, row.entry.payload["reason"]) == ("envelope.discarded", "too late")


async def test_a_dead_letter_is_discarded_by_its_tenant_with_a_reason_and_once(
    outbox: Outbox, tenant: UUID, other_tenant: UUID
) -> None:
    dead = await a_dead_letter(outbox, tenant)

    with pytest.raises(InvalidInput, match="reason"):
        await outbox.discard(tenant, dead.id, actor=operator("olga"), reason="")
    with pytest.raises(NotFound):
        await outbox.discard(other_tenant, dead.id, actor=operator("olga"), reason="old")
    await outbox.discard(tenant, dead.id, actor=operator("olga"), reason="old")
    with pytest.raises(NotFound):
        await outbox.discard(tenant, dead.id, actor=operator("olga"), reason="old")


async def test_an_approval_given_before_does_not_count_after_a_requeue(outbox: Outbox, tenant: UUID) -> None:
    dead = await a_dead_letter(outbox, tenant)

    [back] = await outbox.requeue(tenant=tenant, envelopes=None, limit=1, actor=operator("olga"))

    assert (dead.approved_digest, back.approved_digest, back.result) == (None, None, None)


async def test_requeue_takes_the_oldest_dead_letters_first(outbox: Outbox, tenant: UUID, clock: FakeClock) -> None:
    dead = []
    for _ in range(3):
        dead.append(await a_dead_letter(outbox, tenant))
        clock.advance(minutes=1)
    assert await outbox.list_dead_letters(tenant, limit=2) == dead[:2]

    assert ids(await outbox.requeue(tenant=tenant, envelopes=None, limit=2, actor=operator("olga"))) == ids(dead[:2])
    assert await outbox.list_dead_letters(tenant, limit=10) == dead[2:]


async def test_requeueing_another_tenants_dead_letter_returns_nothing(
    outbox: Outbox, audit_log: AuditLogger, tenant: UUID, other_tenant: UUID
) -> None:
    dead = await a_dead_letter(outbox, tenant)

    assert await outbox.requeue(tenant=other_tenant, envelopes=[dead.id], limit=10, actor=operator("olga")) == []
    assert await outbox.list_dead_letters(tenant, limit=10) == [dead]
    assert await events(audit_log, tenant) == ["proposed", "failed"]


async def test_requeueing_an_envelope_that_is_no_dead_letter_returns_nothing(outbox: Outbox, tenant: UUID) -> None:
    assert await outbox.requeue(tenant=tenant, envelopes=[uuid4()], limit=10, actor=operator("olga")) == []
    assert await outbox.requeue(tenant=tenant, envelopes=[], limit=10, actor=operator("olga")) == []


async def test_requeue_can_be_for_all_tenants(
    outbox: Outbox, tenant: UUID, other_tenant: UUID, clock: FakeClock
) -> None:
    one = await a_dead_letter(outbox, tenant)
    clock.advance(seconds=1)
    two = await a_dead_letter(outbox, other_tenant)
    assert await outbox.list_dead_letters(None, limit=10) == [one, two]
    assert await outbox.list_dead_letters(other_tenant, limit=10) == [two]

    back = await outbox.requeue(tenant=None, envelopes=None, limit=10, actor=operator("olga"))

    assert ids(back) == [one.id, two.id]


async def test_a_requeued_dead_letter_can_fail_again(outbox: Outbox, tenant: UUID) -> None:
    dead = await a_dead_letter(outbox, tenant)
    await outbox.requeue(tenant=tenant, envelopes=None, limit=1, actor=operator("olga"))

    assert await run_one(outbox, Disposition.FAILED, error="no such channel") == dead


async def test_a_requeued_dead_letter_keeps_its_place_in_the_ordering_key(
    outbox: Outbox, tenant: UUID, clock: FakeClock
) -> None:
    first, second = await put(outbox, in_order(tenant, "a"), in_order(tenant, "a"))
    await run_one(outbox, Disposition.FAILED)
    clock.advance(seconds=1)
    await outbox.requeue(tenant=tenant, envelopes=[first.id], limit=1, actor=operator("olga"))

    assert ids(await take(outbox)) == [first.id]
    assert second.created_at > NOW


async def test_a_doubtful_dead_letter_is_requeued_only_by_its_id(outbox: Outbox, tenant: UUID) -> None:
    sure = await a_dead_letter(outbox, tenant)
    await put_one(outbox, tenant)
    doubtful = await run_one(outbox, Disposition.FAILED, error="it broke half-way", doubtful=True)
    assert [(s.dlq, s.doubtful) for s in await outbox.status(tenant)] == [(2, 1)]

    assert ids(await outbox.requeue(tenant=None, envelopes=None, limit=10, actor=operator("olga"))) == [sure.id]
    assert [(dead.id, dead.doubtful) for dead in await outbox.list_dead_letters(tenant, limit=10)] == [
        (doubtful.id, True)
    ]
    [back] = await outbox.requeue(tenant=tenant, envelopes=[doubtful.id], limit=1, actor=operator("olga"))
    assert (back.status, back.doubtful) == (Status.PENDING, False)


async def test_dead_letters_can_be_listed_by_state(outbox: Outbox, tenant: UUID) -> None:
    await a_dead_letter(outbox, tenant)
    await put_one(outbox, tenant)
    await run_one(outbox, Disposition.DENIED, reason="scope missing")
    [denied] = await outbox.list_dead_letters(tenant, limit=1, status=Status.DENIED)
    assert denied.last_error == "scope missing"
