"""Settlements that are refused or sent again: only the current lease settles an attempt, and only once."""

from dataclasses import replace
from uuid import UUID, uuid4

import pytest

from services.audit_log import AuditLogger
from services.envelope import Status
from services.outbox import Disposition, Outbox, UnsettledEnvelopes
from tests.builders import MINUTE, operator
from tests.clock import FakeClock
from tests.contract.builders import (
    WORKER,
    a_proposal,
    close,
    events,
    ids,
    put,
    put_one,
    settled,
    take,
    take_one,
)


async def test_a_stale_token_is_refused_and_the_other_settlements_are_written(
    outbox: Outbox, audit_log: AuditLogger, tenant: UUID, other_tenant: UUID, clock: FakeClock
) -> None:
    stale_one = await put_one(outbox, tenant)
    stale = await take_one(outbox)
    clock.advance(minutes=1)
    await take(outbox, "next")
    fresh_one = await put_one(outbox, other_tenant)
    fresh = await take_one(outbox)

    refused = await outbox.settle(WORKER, [settled(stale, Disposition.FAILED), settled(fresh, Disposition.SUCCESS)])

    assert refused == UnsettledEnvelopes(refused=frozenset({stale_one.key}))
    assert await outbox.get(tenant, stale_one.id) == stale_one
    assert (await outbox.get(other_tenant, fresh_one.id)).status is Status.SUCCESS
    assert await events(audit_log, tenant) == ["proposed"]


async def test_of_two_tenants_envelopes_with_one_id_only_the_lost_one_is_refused(
    outbox: Outbox, tenant: UUID, other_tenant: UUID, clock: FakeClock
) -> None:
    shared = uuid4()
    stale_one = await put_one(outbox, tenant, id=shared)
    stale = await take_one(outbox)
    clock.advance(minutes=1)
    await take(outbox, "next")
    await put_one(outbox, other_tenant, id=shared)
    fresh = await take_one(outbox)

    left = await outbox.settle(WORKER, [settled(stale, Disposition.FAILED), settled(fresh, Disposition.SUCCESS)])

    assert left == UnsettledEnvelopes(refused=frozenset({(tenant, shared)}))
    assert await outbox.get(tenant, shared) == stale_one
    assert (await outbox.get(other_tenant, shared)).status is Status.SUCCESS


async def test_a_worker_settles_only_under_its_own_id(outbox: Outbox, tenant: UUID) -> None:
    envelope = await put_one(outbox, tenant)
    claimed = await take_one(outbox, "one")

    assert (await outbox.settle("two", [settled(claimed, Disposition.SUCCESS)])).refused == {envelope.key}
    assert await outbox.get(tenant, envelope.id) == envelope


async def test_an_old_token_does_not_settle_under_the_same_workers_new_lease(outbox: Outbox, tenant: UUID) -> None:
    envelope = await put_one(outbox, tenant)
    old = await take_one(outbox)
    await close(outbox, old, Disposition.RELEASE)
    new = await take_one(outbox)

    await outbox.settle(WORKER, [settled(old, Disposition.SUCCESS)])
    assert (await outbox.get(tenant, envelope.id)).status is Status.PENDING
    await close(outbox, new, Disposition.SUCCESS)


async def test_an_envelope_of_another_lane_is_refused(outbox: Outbox, tenant: UUID, other_tenant: UUID) -> None:
    await put(outbox, a_proposal(tenant), a_proposal(other_tenant))
    one, two = await take(outbox)

    crossed = replace(settled(one, Disposition.SUCCESS), envelope_id=two.envelope.id)
    assert (await outbox.settle(WORKER, [crossed])).refused == {crossed.key}
    for each in (one, two):
        assert await outbox.get(each.envelope.tenant_id, each.envelope.id) == each.envelope


async def test_an_envelope_that_is_not_in_flight_is_refused(outbox: Outbox, tenant: UUID) -> None:
    envelopes = await put(outbox, a_proposal(tenant), a_proposal(tenant), a_proposal(tenant))
    first, second = await take(outbox, limit=2)
    [waiting] = [envelope for envelope in envelopes if envelope.id not in ids([first, second])]
    too_early = replace(settled(first, Disposition.SUCCESS), envelope_id=waiting.id)

    refused = await outbox.settle(WORKER, [too_early, settled(second, Disposition.SUCCESS)])

    assert refused == UnsettledEnvelopes(refused=frozenset({waiting.key}))
    assert await outbox.get(tenant, waiting.id) == waiting


@pytest.mark.parametrize("to", Disposition)
async def test_a_settlement_sent_again_is_not_refused_and_changes_nothing(
    outbox: Outbox, audit_log: AuditLogger, tenant: UUID, clock: FakeClock, to: Disposition
) -> None:
    await put_one(outbox, tenant)
    claimed = await take_one(outbox)
    settlement = settled(
        claimed, to, error="busy", reason="wait", next_run_at=clock() + MINUTE, digest="d", expires_at=clock() + MINUTE
    )
    await outbox.settle(WORKER, [settlement])
    before = (await outbox.get(tenant, claimed.envelope.id), await audit_log.tail(tenant, limit=9))

    assert await outbox.settle(WORKER, [settlement]) == UnsettledEnvelopes()

    assert (await outbox.get(tenant, claimed.envelope.id), await audit_log.tail(tenant, limit=9)) == before


async def test_a_settlement_sent_again_after_a_requeue_is_refused(outbox: Outbox, tenant: UUID) -> None:
    await put_one(outbox, tenant)
    settlement = settled(await take_one(outbox), Disposition.FAILED, error="it broke")
    await outbox.settle(WORKER, [settlement])
    await outbox.requeue(tenant=tenant, envelopes=None, limit=1, actor=operator("olga"))
    assert (await outbox.settle(WORKER, [settlement])).refused == {settlement.key}


async def test_the_same_envelope_twice_in_one_call_counts_once(
    outbox: Outbox, audit_log: AuditLogger, tenant: UUID
) -> None:
    envelope = await put_one(outbox, tenant)
    claimed = await take_one(outbox)

    refused = await outbox.settle(WORKER, [settled(claimed, Disposition.SUCCESS), settled(claimed, Disposition.FAILED)])

    assert refused == UnsettledEnvelopes()
    assert (await outbox.get(tenant, envelope.id)).status is Status.SUCCESS
    assert await events(audit_log, tenant) == ["proposed", "success"]


async def test_an_expired_lease_still_settles_while_nobody_took_it_over(
    outbox: Outbox, tenant: UUID, clock: FakeClock
) -> None:
    await put_one(outbox, tenant)
    claimed = await take_one(outbox)
    clock.advance(minutes=5)

    await close(outbox, claimed, Disposition.SUCCESS)
