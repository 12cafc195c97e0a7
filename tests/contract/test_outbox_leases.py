"""Leases are renewed by heartbeats and taken over when they expire. A lane never has two."""

from datetime import timedelta
from uuid import UUID, uuid4

from services.envelope import Actor, ActorType, Status
from services.outbox import Disposition, Lease, Outbox, SentMarks, Settlement
from tests.builders import MINUTE, NOW
from tests.clock import FakeClock
from tests.contract.builders import WORKER, a_proposal, close, ids, put, put_one, settled, take, take_one

_ANYONE = Actor(type=ActorType.OPERATOR, id="olga")


async def test_a_heartbeat_renews_all_leases_and_returns_them(
    outbox: Outbox, tenant: UUID, other_tenant: UUID, clock: FakeClock
) -> None:
    await put(outbox, a_proposal(tenant), a_proposal(other_tenant))
    claimed = await take(outbox)
    clock.advance(seconds=50)

    leases = await outbox.heartbeat(WORKER, lease_for=MINUTE)
    assert leases == {call.lease for call in claimed}
    assert {(lease.tenant_id, lease.lane) for lease in leases} == {(tenant, 0), (other_tenant, 0)}

    clock.advance(seconds=59)
    assert await take(outbox, "other") == []
    clock.advance(seconds=1)
    assert len(await take(outbox, "other")) == 2


async def test_a_heartbeat_of_a_worker_without_leases_returns_none(outbox: Outbox, tenant: UUID) -> None:
    await put_one(outbox, tenant)
    await take(outbox, "one")

    assert await outbox.heartbeat("two", lease_for=MINUTE) == frozenset()


async def test_a_late_heartbeat_renews_a_lease_that_nobody_took_over(
    outbox: Outbox, tenant: UUID, clock: FakeClock
) -> None:
    await put_one(outbox, tenant)
    claimed = await take_one(outbox)
    clock.advance(minutes=5)

    assert await outbox.heartbeat(WORKER, lease_for=MINUTE) == {claimed.lease}
    assert await take(outbox, "other") == []


async def test_a_heartbeat_leaves_out_a_lost_lease(outbox: Outbox, tenant: UUID, clock: FakeClock) -> None:
    await put_one(outbox, tenant)
    await take(outbox)
    clock.advance(minutes=1)
    await take(outbox, "next")

    assert await outbox.heartbeat(WORKER, lease_for=MINUTE) == frozenset()


async def test_envelopes_of_an_expired_lease_are_claimed_as_lost(
    outbox: Outbox, tenant: UUID, clock: FakeClock
) -> None:
    sent, unsent, waiting = await put(outbox, *[a_proposal(tenant, next_run_at=NOW) for _ in range(3)])
    crashed = {claimed.envelope.id: claimed for claimed in await take(outbox, "crashed", limit=3)}
    await outbox.settle("crashed", [settled(crashed[waiting.id], Disposition.RELEASE)])
    assert await outbox.mark_sent("crashed", [crashed[sent.id]]) == SentMarks(marked=frozenset({sent.key}))
    clock.advance(minutes=1)

    taken = await take(outbox, "next")

    [lease] = {claimed.lease for claimed in taken}
    assert lease.token > crashed[sent.id].lease.token
    lost = {claimed.envelope.id: (claimed.envelope, claimed.lost, claimed.sent) for claimed in taken}
    assert lost == {sent.id: (sent, True, True), unsent.id: (unsent, True, False)}


async def test_a_lease_that_has_not_expired_is_not_taken_over(outbox: Outbox, tenant: UUID, clock: FakeClock) -> None:
    await put_one(outbox, tenant)
    await take(outbox)
    clock.advance(seconds=59, microseconds=999_999)

    assert await take(outbox, "next") == []


async def test_lost_envelopes_do_not_count_towards_the_limit(
    outbox: Outbox, tenant: UUID, other_tenant: UUID, clock: FakeClock
) -> None:
    await put(outbox, *[a_proposal(tenant) for _ in range(5)])
    await take(outbox, "crashed", limit=5)
    await put(outbox, *[a_proposal(other_tenant) for _ in range(5)])
    clock.advance(minutes=2)

    taken = await take(outbox, "next", limit=2)

    assert sum(claimed.lost for claimed in taken) == 5
    assert 1 <= sum(not claimed.lost for claimed in taken) <= 2


async def test_a_lane_continues_once_its_lost_envelopes_are_settled(
    outbox: Outbox, tenant: UUID, clock: FakeClock
) -> None:
    lost, waiting = await put(outbox, a_proposal(tenant), a_proposal(tenant, next_run_at=NOW + MINUTE))
    await take(outbox, "crashed")
    clock.advance(minutes=1)

    [taken] = await take(outbox, "next")
    assert taken.envelope.id == lost.id
    await close(outbox, taken, Disposition.UNKNOWN, worker="next", error="no answer")

    assert [(claimed.envelope.id, claimed.lost) for claimed in await take(outbox)] == [(waiting.id, False)]


async def test_a_worker_that_lost_its_lease_cannot_settle(outbox: Outbox, tenant: UUID, clock: FakeClock) -> None:
    envelope = await put_one(outbox, tenant)
    late = await take_one(outbox)
    clock.advance(minutes=1)
    taken = await take_one(outbox, "next")

    assert (await outbox.settle(WORKER, [settled(late, Disposition.SUCCESS)])).refused == {envelope.key}
    assert await outbox.get(tenant, envelope.id) == envelope
    await close(outbox, taken, Disposition.RETRY, worker="next", error="lost", next_run_at=clock())


async def test_each_lost_attempt_is_counted(outbox: Outbox, tenant: UUID, clock: FakeClock) -> None:
    envelope = await put_one(outbox, tenant)
    await take(outbox, "w0")
    for n in range(1, 4):
        clock.advance(minutes=1)
        [lost] = await take(outbox, f"w{n}")
        assert (lost.lost, lost.envelope.attempts) == (True, n - 1)
        await close(outbox, lost, Disposition.RETRY, worker=f"w{n}", error="lost", next_run_at=clock())
        assert len(await take(outbox, f"w{n}")) == 1

    assert (await outbox.get(tenant, envelope.id)).attempts == 3


async def test_mark_sent_allows_only_calls_whose_lease_is_held(
    outbox: Outbox, tenant: UUID, other_tenant: UUID, clock: FakeClock
) -> None:
    await put(outbox, a_proposal(tenant))
    stale = await take_one(outbox)
    clock.advance(minutes=1)
    await take(outbox, "next")
    await put(outbox, a_proposal(other_tenant))
    held = await take_one(outbox)

    assert await outbox.mark_sent(WORKER, [stale, held]) == SentMarks(marked=frozenset({held.envelope.key}))
    assert await outbox.mark_sent("next", [held]) == SentMarks()
    assert await outbox.mark_sent(WORKER, []) == SentMarks()


async def test_a_call_requested_under_two_leases_gets_no_sent_mark(outbox: Outbox, tenant: UUID) -> None:
    envelope = await put_one(outbox, tenant)
    lost = await take_one(outbox)
    await close(outbox, lost, Disposition.RELEASE)
    held = await take_one(outbox)
    other = await put_one(outbox, tenant)
    [another] = await take(outbox)

    assert await outbox.mark_sent(WORKER, [lost, held, another]) == SentMarks(
        marked=frozenset({other.key}), busy=frozenset({envelope.key})
    )
    assert await outbox.mark_sent(WORKER, [lost]) == SentMarks()
    assert await outbox.mark_sent(WORKER, [held]) == SentMarks(marked=frozenset({envelope.key}))


async def test_calls_of_two_tenants_with_one_id_both_get_a_sent_mark(
    outbox: Outbox, tenant: UUID, other_tenant: UUID
) -> None:
    shared = uuid4()
    await put(outbox, a_proposal(tenant, id=shared), a_proposal(other_tenant, id=shared))
    calls = await take(outbox)

    assert await outbox.mark_sent(WORKER, calls) == SentMarks(
        marked=frozenset({(tenant, shared), (other_tenant, shared)})
    )


async def test_mark_sent_refuses_settled_envelopes(outbox: Outbox, tenant: UUID) -> None:
    await put(outbox, a_proposal(tenant), a_proposal(tenant))
    one, two = await take(outbox)
    await close(outbox, one, Disposition.SUCCESS)

    assert await outbox.mark_sent(WORKER, [one, two]) == SentMarks(marked=frozenset({two.envelope.key}))


async def test_mark_sent_refuses_an_old_token(outbox: Outbox, tenant: UUID) -> None:
    await put_one(outbox, tenant)
    old = await take_one(outbox)
    await close(outbox, old, Disposition.RELEASE)
    new = await take_one(outbox)

    assert await outbox.mark_sent(WORKER, [old]) == SentMarks()
    assert await outbox.mark_sent(WORKER, [new]) == SentMarks(marked=frozenset({new.envelope.key}))


async def test_an_envelope_enqueued_into_a_leased_lane_does_not_end_the_lease(
    outbox: Outbox, tenant: UUID, clock: FakeClock
) -> None:
    await put_one(outbox, tenant)
    claimed = await take_one(outbox)
    clock.advance(seconds=30)
    await put_one(outbox, tenant)
    clock.advance(seconds=29)

    assert await take(outbox, "other") == []
    await close(outbox, claimed, Disposition.SUCCESS)


async def test_a_settlement_removes_the_sent_mark(outbox: Outbox, tenant: UUID, clock: FakeClock) -> None:
    await put(outbox, a_proposal(tenant), a_proposal(tenant))
    one, two = await take(outbox)
    await outbox.mark_sent(WORKER, [one])
    await close(outbox, one, Disposition.RETRY, error="busy", next_run_at=NOW)
    again = await take_one(outbox)
    assert again.envelope.id == one.envelope.id
    clock.advance(minutes=1)

    assert {claimed.envelope.id: claimed.sent for claimed in await take(outbox, "next")} == {
        one.envelope.id: False,
        two.envelope.id: False,
    }


async def test_due_in_is_the_time_until_the_next_work_of_any_kind(
    outbox: Outbox, tenant: UUID, other_tenant: UUID, clock: FakeClock
) -> None:
    assert await outbox.due_in() is None

    await put_one(outbox, tenant, next_run_at=NOW + 5 * MINUTE)
    assert await outbox.due_in() == 5 * MINUTE
    assert await outbox.due_in(other_tenant) is None

    await put_one(outbox, other_tenant, next_run_at=NOW + 2 * MINUTE)
    clock.advance(minutes=3)
    assert await outbox.due_in() == -MINUTE
    assert await outbox.due_in(tenant) == 2 * MINUTE

    claimed = await take_one(outbox)
    assert await outbox.due_in(other_tenant) == MINUTE  # when the lease would run out
    await close(outbox, claimed, Disposition.SUCCESS)
    assert await outbox.due_in(other_tenant) is None


async def test_a_lane_without_due_work_says_when_to_look_again(outbox: Outbox, tenant: UUID, clock: FakeClock) -> None:
    await put(outbox, a_proposal(tenant), a_proposal(tenant, next_run_at=NOW + 9 * MINUTE))
    [claimed] = await take(outbox)
    await close(outbox, claimed, Disposition.RELEASE)
    await outbox.cancel(tenant, claimed.envelope.id, actor=_ANYONE, reason=None)
    clock.advance(minutes=1)

    assert await take(outbox) == []
    assert await outbox.due_in() == 8 * MINUTE


async def test_a_released_lane_is_due_for_what_was_enqueued_during_its_lease(outbox: Outbox, tenant: UUID) -> None:
    await put_one(outbox, tenant)
    claimed = await take_one(outbox)
    newer = await put_one(outbox, tenant)
    await close(outbox, claimed, Disposition.SUCCESS)

    assert await outbox.due_in() == timedelta()
    assert ids(await take(outbox, "other")) == [newer.id]


async def test_an_unknown_lease_settles_nothing(outbox: Outbox, tenant: UUID) -> None:
    envelope = await put_one(outbox, tenant)
    claimed = await take_one(outbox)
    forged = [
        Lease(tenant, 0, claimed.lease.token + 1), Lease(tenant, 1, claimed.lease.token),
        Lease(uuid4(), 0, claimed.lease.token),
    ]  # fmt: skip

    for lease in forged:
        refused = await outbox.settle(
            WORKER, [Settlement(lease=lease, envelope_id=envelope.id, to=Disposition.SUCCESS)]
        )
        assert refused.refused == {(lease.tenant_id, envelope.id)}
    assert (await outbox.get(tenant, envelope.id)).status is Status.PENDING
