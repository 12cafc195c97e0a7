"""Proposing, listing, explaining and requeueing envelopes."""

from typing import Any
from uuid import UUID, uuid4

import pytest

from services.backends import Backends
from services.clock import FakeClock
from services.envelope import DEADLINE_PASSED, Status
from services.errors import InvalidInput, NotFound
from services.explain import WHY_DOUBTFUL, WHY_ENDED, explain
from services.guardrails import Decision
from services.list_envelopes import list_envelopes
from services.outbox import Disposition
from services.propose import propose
from services.requeue import preview_requeue, requeue, requeue_one
from tests.builders import MINUTE, NOW, a_tool
from tests.contract.builders import a_dead_letter, a_proposal, close, in_order, put, put_one, run_one, take_one
from tests.use_cases.actors import MARIA, OLGA, last_act


def ignore(_: int) -> None:
    """Shows no progress."""


@pytest.fixture
async def tenant_with_tool(backends: Backends, tenant: UUID) -> UUID:
    await backends.catalog.save([a_tool(tenant_id=tenant)], actor=OLGA)
    return tenant


async def test_a_proposal_is_enqueued_and_judged_in_the_name_of_its_actor(
    backends: Backends, clock: FakeClock, tenant_with_tool: UUID
) -> None:
    document = {"tenant_id": str(tenant_with_tool), "tool_slug": "SLACK__chat.post", "external_id": "post-1"}
    first = await propose(backends, document, actor=MARIA, clock=clock)
    again = await propose(backends, document, actor=MARIA, clock=clock)
    assert (first.created, again.created, again.envelope.id) == (True, False, first.envelope.id)
    assert {verdict.decision for verdict in first.verdicts} == {Decision.ALLOW}
    assert await last_act(backends, tenant_with_tool) == ("envelope.proposed", MARIA.type, MARIA.id)


async def test_a_refused_proposal_names_its_fields_and_writes_nothing(
    backends: Backends, clock: FakeClock, tenant_with_tool: UUID
) -> None:
    document: dict[str, Any] = {"tenant_id": str(tenant_with_tool), "tool_slug": "NO__such.tool", "external_id": ""}
    with pytest.raises(InvalidInput, match=r"tool_slug: 'NO__such\.tool' is not in this tenant's catalog") as caught:
        await propose(backends, document, actor=MARIA, clock=clock)
    assert caught.value.field == "external_id"
    assert await list_envelopes(backends, tenant_with_tool, status=None, limit=10) == []


async def test_dead_letters_are_listed_by_their_status_and_others_from_the_outbox(
    backends: Backends, tenant: UUID
) -> None:
    dead = await a_dead_letter(backends.outbox, tenant)
    pending = await put_one(backends.outbox, tenant)
    listed = {
        status: [envelope.id for envelope in await list_envelopes(backends, tenant, status=status, limit=10)]
        for status in (Status.FAILED, Status.DENIED, Status.PENDING, None)
    }
    assert listed == {Status.FAILED: [dead.id], Status.DENIED: [], Status.PENDING: [pending.id], None: [pending.id]}


async def test_envelopes_of_an_unknown_tenant_are_an_error_and_not_an_empty_list(backends: Backends) -> None:
    with pytest.raises(NotFound):
        await list_envelopes(backends, uuid4(), status=None, limit=10)


async def test_a_due_envelope_is_explained_as_due(backends: Backends, tenant_with_tool: UUID) -> None:
    envelope = await put_one(backends.outbox, tenant_with_tool)
    explanation = await explain(backends, tenant_with_tool, envelope.id, now=NOW)
    assert (explanation.is_due, explanation.next_run_at) == (True, NOW)


async def test_an_envelope_for_later_is_explained_with_its_time(backends: Backends, tenant_with_tool: UUID) -> None:
    envelope = await put_one(backends.outbox, tenant_with_tool, next_run_at=NOW + MINUTE)
    explanation = await explain(backends, tenant_with_tool, envelope.id, now=NOW)
    assert (explanation.why, explanation.is_due) == ("it was proposed for a later time", False)
    assert explanation.next_run_at == NOW + MINUTE


async def test_a_guardrail_that_holds_is_named(backends: Backends, tenant_with_tool: UUID) -> None:
    envelope = await put_one(backends.outbox, tenant_with_tool)
    await backends.tenants.pause(tenant_with_tool, actor=OLGA, reason="audit")
    explanation = await explain(backends, tenant_with_tool, envelope.id, now=NOW)
    assert (explanation.why.partition(":")[0], explanation.is_due) == ("paused", False)


async def test_a_pending_approval_is_explained_with_its_begin_and_end(
    backends: Backends, tenant_with_tool: UUID
) -> None:
    envelope = await put_one(backends.outbox, tenant_with_tool)
    await close(
        backends.outbox, await take_one(backends.outbox), Disposition.AWAITING_APPROVAL, digest="d",
        reason="trust: too low", expires_at=NOW + MINUTE,
    )  # fmt: skip
    explanation = await explain(backends, tenant_with_tool, envelope.id, now=NOW)
    assert (explanation.asked_at, explanation.decide_until) == (NOW, NOW + MINUTE)
    assert explanation.why == (
        "a person must decide (asked 2026-11-23 12:00 UTC, expires 2026-11-23 12:01 UTC): trust: too low"
    )


async def test_an_earlier_envelope_of_the_ordering_key_is_named(backends: Backends, tenant_with_tool: UUID) -> None:
    first, second = await put(
        backends.outbox, in_order(tenant_with_tool, "order-7"), in_order(tenant_with_tool, "order-7")
    )
    explanation = await explain(backends, tenant_with_tool, second.id, now=NOW)
    assert explanation.why == f"it waits for {first.id} (pending), an earlier envelope with the same ordering key"
    assert not explanation.is_due


@pytest.mark.parametrize(
    ("disposition", "detail", "why"),
    [
        (Disposition.SUCCESS, {}, WHY_ENDED[Status.SUCCESS]),
        (Disposition.FAILED, {"error": "no such channel"}, f"no such channel; {WHY_ENDED[Status.FAILED]}"),
        (Disposition.FAILED, {"error": "reset", "doubtful": True}, f"reset; {WHY_DOUBTFUL}"),
    ],
)
async def test_an_ended_envelope_is_explained_by_its_end(
    backends: Backends, tenant: UUID, disposition: Disposition, detail: dict[str, Any], why: str
) -> None:
    await put_one(backends.outbox, tenant)
    envelope = await run_one(backends.outbox, disposition, **detail)
    explanation = await explain(backends, tenant, envelope.id, now=NOW)
    assert (explanation.why, explanation.next_run_at, explanation.verdicts) == (why, None, ())


async def test_an_envelope_past_its_deadline_is_explained_by_it(
    backends: Backends, clock: FakeClock, tenant: UUID
) -> None:
    [envelope] = await put(backends.outbox, a_proposal(tenant, must_run_before=NOW + MINUTE))
    clock.advance(minutes=2)
    await backends.outbox.expire(actor=OLGA)
    assert (await explain(backends, tenant, envelope.id, now=clock())).why == DEADLINE_PASSED


async def test_dead_letters_are_requeued_but_not_doubtful_ones(backends: Backends, tenant: UUID) -> None:
    dead = await a_dead_letter(backends.outbox, tenant)
    await put_one(backends.outbox, tenant)
    doubtful = await run_one(backends.outbox, Disposition.FAILED, error="reset", doubtful=True)

    preview = await preview_requeue(backends, tenant, limit=None)
    assert ([envelope.id for envelope in preview.envelopes], preview.doubtful) == ([dead.id], 1)
    result = await requeue(backends, tenant, limit=None, actor=MARIA, progress=ignore)
    assert ([envelope.id for envelope in result.envelopes], result.doubtful) == ([dead.id], 1)
    assert await last_act(backends, tenant) == ("envelope.requeued", MARIA.type, MARIA.id)

    requeued = await requeue_one(backends, tenant, doubtful.id, actor=MARIA)
    assert (requeued.id, requeued.status, requeued.attempts) == (doubtful.id, Status.PENDING, 0)


async def test_a_limit_bounds_what_is_requeued(backends: Backends, clock: FakeClock, tenant: UUID) -> None:
    oldest = await a_dead_letter(backends.outbox, tenant)
    clock.advance(seconds=1)
    await a_dead_letter(backends.outbox, tenant)
    preview = await preview_requeue(backends, tenant, limit=1)
    result = await requeue(backends, tenant, limit=1, actor=MARIA, progress=ignore)
    assert (
        [envelope.id for envelope in preview.envelopes] == [envelope.id for envelope in result.envelopes] == [oldest.id]
    )


async def test_a_dead_letter_of_another_tenant_is_not_found(backends: Backends, tenant: UUID) -> None:
    dead = await a_dead_letter(backends.outbox, tenant)
    with pytest.raises(NotFound) as caught:
        await requeue_one(backends, uuid4(), dead.id, actor=MARIA)
    assert (caught.value.what, caught.value.id) == ("dead letter", str(dead.id))
