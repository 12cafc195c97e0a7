"""Many proposals at once: each gets the answer that it would get alone, for one call of enqueue per tenant."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest

from services.add_tenant import add_tenant
from services.audit_log.envelopes import envelopes_of
from services.backends import Backends
from services.clock import FakeClock
from services.envelope import Actor
from services.errors import ControlPlaneError, InvalidInput, NotAllowed, NotFound, NotReady, StateConflict
from services.guardrails import Decision
from services.list_envelopes import list_envelopes
from services.outbox import EnqueuedEnvelope, Outbox, Proposal
from services.propose import ProposeResult, propose
from services.propose_batch import propose_batch
from tests.builders import a_tool
from tests.use_cases.actors import MARIA, OLGA


class CountingOutbox:
    """Forwards to the outbox, and keeps the external ids of each call of enqueue."""

    def __init__(self, outbox: Outbox, error: ControlPlaneError | None = None) -> None:
        self.calls: list[list[str]] = []
        self._outbox, self._error = outbox, error

    async def enqueue(self, proposals: Sequence[Proposal], *, actor: Actor) -> list[EnqueuedEnvelope]:
        self.calls.append([proposal.external_id for proposal in proposals])
        if self._error is not None:
            raise self._error
        return await self._outbox.enqueue(proposals, actor=actor)


@pytest.fixture
async def tenants(backends: Backends, tenant: UUID) -> list[UUID]:
    both = [tenant, (await add_tenant(backends, "Borealis", plan="standard", lanes=1, actor=OLGA)).id]
    await backends.catalog.save([a_tool(tenant_id=each) for each in both], actor=OLGA)
    return both


def documents(tenant: UUID, *keys: str, **fields: Any) -> list[dict[str, Any]]:
    return [
        {"tenant_id": str(tenant), "tool_slug": "SLACK__chat.post", "external_id": key, **fields} for key in keys
    ]  # fmt: skip


async def test_the_envelopes_of_each_tenant_are_enqueued_in_one_call(
    backends: Backends, clock: FakeClock, tenants: list[UUID]
) -> None:
    outbox = CountingOutbox(backends.outbox)
    mine, theirs = documents(tenants[0], "1", "2", "3"), documents(tenants[1], "4", "5")
    given = [mine[0], theirs[0], mine[1], {"no": "proposal"}, theirs[1], mine[2]]

    answers = await propose_batch(replace(backends, outbox=outbox), given, actor=MARIA, clock=clock)  # type: ignore[arg-type]

    assert outbox.calls == [["1", "2", "3"], ["4", "5"]]
    keys = [each.envelope.external_id if isinstance(each, ProposeResult) else type(each) for each in answers]
    assert keys == ["1", "4", "2", InvalidInput, "5", "3"]
    assert all(each.created for each in answers if isinstance(each, ProposeResult))
    [row] = await backends.audit_log.tail(tenants[1], limit=1)
    assert [each["external_id"] for each in envelopes_of(row.entry.payload)] == ["4", "5"]


async def test_each_answer_is_the_one_that_the_document_gets_alone(
    backends: Backends, clock: FakeClock, tenants: list[UUID]
) -> None:
    tenant, other = tenants
    [known] = documents(tenant, "known", arguments={"text": "first"})
    before = await propose(backends, known, actor=MARIA, clock=clock)
    given = [
        *documents(tenant, "a"),
        *documents(tenant, "known", arguments={"text": "another"}),
        *documents(tenant, "b", trust_context={"score": 0.5}),
        known,
        *documents(tenant, "b", trust_context={"score": 0.5}),
        *documents(tenant, "c", tool_slug="NO__such.tool"),
        *documents(UUID(int=7), "d"),
        *documents(tenant, "", tool_slug="NO__such.tool"),
        *documents(other, "e"),
    ]

    answers = await propose_batch(backends, given, actor=MARIA, clock=clock)

    alone = [await _alone(backends, document, clock) for document in given]
    assert [_told(each) for each in answers] == [_told(each) for each in alone]
    created = [isinstance(each, ProposeResult) and each.created for each in answers]
    assert created == [True, False, True, False, False, False, False, False, True]
    assert [type(each) for each in answers if not isinstance(each, ProposeResult)] == [
        StateConflict, NotFound, NotFound, InvalidInput,
    ]  # fmt: skip
    assert isinstance(answers[3], ProposeResult)
    assert answers[3].envelope == before.envelope
    assert len(await list_envelopes(backends, tenant, status=None, limit=10)) == 3


async def test_a_tenant_that_requires_evidence_has_all_of_it_read_at_once(
    backends: Backends, clock: FakeClock, tenants: list[UUID]
) -> None:
    policy = (await backends.guardrails.policies(tenants[:1]))[tenants[0]]
    await backends.guardrails.save(replace(policy.settings, require_evidence=True), actor=OLGA)

    answers = await propose_batch(backends, documents(tenants[0], "1", "2"), actor=MARIA, clock=clock)

    decisions = [
        {verdict.guardrail: verdict.decision for verdict in each.verdicts}["evidence"]
        for each in answers
        if isinstance(each, ProposeResult)
    ]
    assert decisions == [Decision.DENY, Decision.DENY]


async def test_an_error_of_the_caller_or_the_database_is_not_searched_for_in_the_envelopes(
    backends: Backends, clock: FakeClock, tenants: list[UUID]
) -> None:
    given = documents(tenants[0], "1", "2", "3")
    refusing = CountingOutbox(backends.outbox, NotAllowed("enqueue: tenants may not do this"))
    answers = await propose_batch(replace(backends, outbox=refusing), given, actor=MARIA, clock=clock)  # type: ignore[arg-type]
    assert ([type(each) for each in answers], len(refusing.calls)) == ([NotAllowed] * 3, 1)

    away = CountingOutbox(backends.outbox, NotReady("database: not reachable"))
    with pytest.raises(NotReady):
        await propose_batch(replace(backends, outbox=away), given, actor=MARIA, clock=clock)  # type: ignore[arg-type]
    assert len(away.calls) == 1


async def _alone(backends: Backends, document: dict[str, Any], clock: FakeClock) -> ProposeResult | ControlPlaneError:
    try:
        return await propose(backends, document, actor=MARIA, clock=clock)
    except ControlPlaneError as exc:
        return exc


def _told(answer: ProposeResult | ControlPlaneError) -> tuple[object, ...]:
    """Everything but whether it is new, which differs the second time."""
    if isinstance(answer, ProposeResult):
        return answer.envelope, answer.verdicts
    return type(answer), str(answer)
