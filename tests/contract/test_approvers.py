"""Whoever can propose as an agent, because they issued its token, does not approve what it proposes."""

from datetime import timedelta
from uuid import UUID

import pytest

from services.api_tokens import TokenScope
from services.approvals import ApprovalDecision
from services.backends import Backends
from services.envelope import Actor, ActorType, Envelope, Status
from services.errors import NotAllowed
from services.issue_api_token import issue_api_token
from tests.builders import operator
from tests.clock import FakeClock
from tests.contract.builders import an_envelope_to_approve, because


async def test_who_issued_a_token_of_the_proposing_agent_does_not_approve(
    backends: Backends, tenant: UUID, other_tenant: UUID, clock: FakeClock
) -> None:
    async def issue(to: UUID, agent: str, by: str) -> None:
        await issue_api_token(
            backends, to, agent, scopes=[TokenScope.PROPOSE], lives_for=timedelta(minutes=1),
            actor=Actor(type=ActorType.USER, id=by), clock=clock,
        )  # fmt: skip

    await issue(tenant, "planner", "olga")
    await issue(tenant, "another", "ann")
    await issue(other_tenant, "planner", "ann")
    clock.advance(minutes=5)
    first, second = [await an_envelope_to_approve(backends.outbox, tenant) for _ in range(2)]

    async def decide(envelope: Envelope, person: Actor, decision: ApprovalDecision) -> Envelope:
        return await backends.approvals.decide(
            tenant, envelope.id, decision=decision, digest="d1", actor=person, code=because(decision)
        )

    for olga in (operator("olga"), Actor(type=ActorType.USER, id="olga")):
        with pytest.raises(NotAllowed, match="issued an API token of the agent that proposed"):
            await decide(first, olga, ApprovalDecision.APPROVED)
    assert (await decide(first, operator("ann"), ApprovalDecision.APPROVED)).status is Status.PENDING
    assert (await decide(second, operator("olga"), ApprovalDecision.REJECTED)).status is Status.REJECTED


async def test_who_issued_a_token_after_the_proposal_approves(
    backends: Backends, tenant: UUID, clock: FakeClock
) -> None:
    envelope = await an_envelope_to_approve(backends.outbox, tenant)
    clock.advance(minutes=1)
    await issue_api_token(
        backends, tenant, "planner", scopes=[TokenScope.PROPOSE], lives_for=timedelta(minutes=1),
        actor=operator("olga"), clock=clock,
    )  # fmt: skip

    approved = await backends.approvals.decide(
        tenant, envelope.id, decision=ApprovalDecision.APPROVED, digest="d1", actor=operator("olga")
    )
    assert approved.status is Status.PENDING
