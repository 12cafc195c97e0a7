"""Keys of envelopes: a used `external_id` or id returns the first envelope, or is a conflict for another call."""

from typing import Any
from uuid import UUID, uuid4

import pytest

from services.audit_log import AuditLogger
from services.envelope import Risk, Status
from services.errors import StateConflict
from services.outbox import Disposition, Outbox
from tests.builders import AGENT, operator
from tests.clock import FakeClock
from tests.contract.builders import a_dead_letter, a_proposal, events, put_one, run_one, take


async def test_two_tenants_may_have_envelopes_with_one_id(outbox: Outbox, tenant: UUID, other_tenant: UUID) -> None:
    shared = uuid4()
    await a_dead_letter(outbox, tenant, id=shared)
    theirs = await put_one(outbox, other_tenant, id=shared)
    assert await outbox.get(other_tenant, shared) == theirs
    [back] = await outbox.requeue(tenant=tenant, envelopes=[shared], limit=1, actor=operator("olga"))
    assert {each.envelope.key for each in await take(outbox)} == {back.key, theirs.key}
    assert await outbox.list_envelopes(tenant, status=None, limit=9) == [await outbox.get(tenant, shared)]


async def test_the_same_key_returns_the_first_envelope_and_writes_nothing(
    outbox: Outbox, audit_log: AuditLogger, tenant: UUID, clock: FakeClock
) -> None:
    first = await put_one(outbox, tenant, external_id="k1")
    clock.advance(minutes=1)

    [again] = await outbox.enqueue([a_proposal(tenant, external_id="k1", risk=Risk.HIGH)], actor=AGENT)

    assert (again.envelope, again.created) == (first, False)
    assert await outbox.list_envelopes(tenant, status=None, limit=10) == [first]
    assert await events(audit_log, tenant) == ["proposed"]


async def test_a_key_stays_taken_after_success(outbox: Outbox, tenant: UUID) -> None:
    await put_one(outbox, tenant, external_id="k1")
    done = await run_one(outbox, Disposition.SUCCESS, result={"ok": True})

    [again] = await outbox.enqueue([a_proposal(tenant, external_id="k1")], actor=AGENT)

    assert (again.envelope, again.created) == (done, False)
    assert done.status is Status.SUCCESS


async def test_the_key_of_a_dead_letter_does_not_block_another_tenants_envelope_of_the_same_id(
    outbox: Outbox, audit_log: AuditLogger, tenant: UUID, other_tenant: UUID
) -> None:
    dead, shared = await a_dead_letter(outbox, tenant, external_id="k1"), uuid4()

    answers = await outbox.enqueue(
        [a_proposal(tenant, id=shared, external_id="k1"), a_proposal(other_tenant, id=shared)], actor=AGENT
    )

    assert [(each.created, each.envelope.key) for each in answers] == [
        (False, dead.key),
        (True, (other_tenant, shared)),
    ]
    assert await events(audit_log, other_tenant) == ["proposed"]
    assert [claimed.envelope.key for claimed in await take(outbox)] == [(other_tenant, shared)]


async def test_a_key_stays_taken_in_the_dead_letter_queue(outbox: Outbox, audit_log: AuditLogger, tenant: UUID) -> None:
    dead = await a_dead_letter(outbox, tenant, external_id="k1")

    [again] = await outbox.enqueue([a_proposal(tenant, external_id="k1")], actor=AGENT)

    assert (again.envelope, again.created) == (dead, False)
    assert await outbox.list_envelopes(tenant, status=None, limit=10) == []
    assert await events(audit_log, tenant) == ["proposed", "failed"]


async def test_two_tenants_may_use_the_same_key(outbox: Outbox, tenant: UUID, other_tenant: UUID) -> None:
    enqueued = await outbox.enqueue(
        [a_proposal(tenant, external_id="k1"), a_proposal(other_tenant, external_id="k1")], actor=AGENT
    )

    assert [each.created for each in enqueued] == [True, True]


@pytest.mark.parametrize(
    "difference",
    [{"tool_slug": "SLACK__chat.delete"}, {"arguments": {"channel": "#other"}}, {"connected_account_id": "acct-2"}],
    ids=lambda difference: next(iter(difference)),
)
@pytest.mark.parametrize("buried", [False, True], ids=["alive", "dead"])
async def test_the_same_key_for_another_call_is_a_conflict_and_nothing_is_written(
    outbox: Outbox, audit_log: AuditLogger, tenant: UUID, difference: dict[str, Any], buried: bool
) -> None:
    known = await (a_dead_letter if buried else put_one)(outbox, tenant, external_id="k1")
    before = await audit_log.tail(tenant, limit=10)

    with pytest.raises(StateConflict, match="external_id"):
        await outbox.enqueue(
            [a_proposal(tenant, external_id="new"), a_proposal(tenant, external_id="k1", **difference)], actor=AGENT
        )

    assert await outbox.list_envelopes(tenant, status=None, limit=10) == ([] if buried else [known])
    assert await outbox.list_dead_letters(tenant, limit=10) == ([known] if buried else [])
    assert await audit_log.tail(tenant, limit=10) == before


@pytest.mark.parametrize(
    ("first", "second", "is_same"),
    [(1, 1.0, True), (1, True, False), (0, False, False), (1e16, 10**16, True), (None, [], False)],
)
async def test_arguments_are_compared_as_json(
    outbox: Outbox, tenant: UUID, first: Any, second: Any, is_same: bool
) -> None:
    await put_one(outbox, tenant, external_id="k1", arguments={"n": first})
    again = a_proposal(tenant, external_id="k1", arguments={"n": second})

    if is_same:
        [enqueued] = await outbox.enqueue([again], actor=AGENT)
        assert not enqueued.created
    else:
        with pytest.raises(StateConflict):
            await outbox.enqueue([again], actor=AGENT)


async def test_a_key_twice_in_one_batch_creates_only_the_first_envelope(outbox: Outbox, tenant: UUID) -> None:
    one, two = sorted([uuid4(), uuid4()], reverse=True)

    enqueued = await outbox.enqueue(
        [a_proposal(tenant, id=one, external_id="k1"), a_proposal(tenant, id=two, external_id="k1")], actor=AGENT
    )

    assert [(each.envelope.id, each.created) for each in enqueued] == [(one, True), (one, False)]


@pytest.mark.parametrize("buried", [False, True], ids=["alive", "dead"])
async def test_an_id_is_never_used_for_two_envelopes(outbox: Outbox, tenant: UUID, buried: bool) -> None:
    known = await (a_dead_letter if buried else put_one)(outbox, tenant)

    with pytest.raises(StateConflict):
        await outbox.enqueue([a_proposal(tenant, id=known.id, external_id="another")], actor=AGENT)

    assert await outbox.get(tenant, known.id) == known


async def test_a_retried_proposal_with_its_own_id_returns_the_first(outbox: Outbox, tenant: UUID) -> None:
    proposal = a_proposal(tenant)
    await outbox.enqueue([proposal], actor=AGENT)

    [again] = await outbox.enqueue([proposal], actor=AGENT)

    assert (again.envelope.id, again.created) == (proposal.id, True)  # the answer may have been lost


async def test_the_same_proposal_twice_in_a_batch_creates_one_envelope(outbox: Outbox, tenant: UUID) -> None:
    proposal = a_proposal(tenant)
    answers = await outbox.enqueue([proposal, proposal], actor=AGENT)
    assert [(answer.envelope.id, answer.created) for answer in answers] == [(proposal.id, True), (proposal.id, False)]
