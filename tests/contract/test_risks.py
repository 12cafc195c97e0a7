"""The risk that counts is that of the envelope or of its tool, the higher one."""

from dataclasses import replace
from uuid import UUID

import pytest

from services.approvals import ApprovalDecision
from services.backends import Backends
from services.envelope import Actor, ActorType, Risk, Status
from services.guardrails import GuardrailSettings
from tests.builders import a_tool, operator
from tests.contract.builders import a_dead_letter, a_proposal, an_envelope_to_approve, put, put_one

LOW, MEDIUM, HIGH = Risk.LOW, Risk.MEDIUM, Risk.HIGH


@pytest.mark.parametrize(
    ("proposed", "of_tool", "stored"),
    [(LOW, HIGH, HIGH), (LOW, MEDIUM, MEDIUM), (MEDIUM, HIGH, HIGH), (HIGH, LOW, HIGH), (MEDIUM, MEDIUM, MEDIUM)],
)
@pytest.mark.parametrize("version", ["1", None])
async def test_an_envelope_has_at_least_the_risk_of_its_tool(
    *, backends: Backends, tenant: UUID, proposed: Risk, of_tool: Risk, stored: Risk, version: str | None
) -> None:
    await backends.catalog.save([a_tool(tenant_id=tenant, risk=of_tool)], actor=operator("olga"))
    envelope = await put_one(backends.outbox, tenant, risk=proposed, tool_version=version)
    assert (await backends.outbox.get(tenant, envelope.id)).risk is stored


async def test_only_the_tool_that_is_called_counts(backends: Backends, tenant: UUID, other_tenant: UUID) -> None:
    tool = a_tool(tenant_id=tenant, risk=LOW)
    others = (
        replace(tool, tenant_id=other_tenant, risk=HIGH), replace(tool, tool_slug="SLACK__other", risk=HIGH),
        replace(tool, version="2", risk=MEDIUM),
    )  # fmt: skip
    await backends.catalog.save([tool, *others], actor=operator("olga"))

    named, unnamed, unknown = await put(
        backends.outbox, a_proposal(tenant), a_proposal(tenant, tool_version=None),
        a_proposal(tenant, tool_slug="SLACK__unknown"),
    )  # fmt: skip

    stored = [(await backends.outbox.get(tenant, each.id)).risk for each in (named, unnamed, unknown)]
    assert stored == [LOW, MEDIUM, LOW]


async def test_a_dead_letter_returns_with_the_risk_that_its_tool_has_now(backends: Backends, tenant: UUID) -> None:
    dead = await a_dead_letter(backends.outbox, tenant)
    await backends.catalog.save([a_tool(tenant_id=tenant, risk=HIGH)], actor=operator("olga"))

    await backends.outbox.requeue(tenant=tenant, envelopes=[dead.id], limit=1, actor=operator("olga"))

    assert (await backends.outbox.get(tenant, dead.id)).risk is HIGH


async def test_two_people_decide_about_a_tool_that_became_riskier(backends: Backends, tenant: UUID) -> None:
    rules = GuardrailSettings(tenant_id=tenant, approval_rules={"two_people": ["high"]})
    await backends.guardrails.save(rules, actor=operator("olga"))
    envelope = await an_envelope_to_approve(backends.outbox, tenant)
    await backends.catalog.save([a_tool(tenant_id=tenant, risk=HIGH)], actor=operator("olga"))

    statuses = [
        (
            await backends.approvals.decide(
                tenant, envelope.id, decision=ApprovalDecision.APPROVED, digest="d1",
                actor=Actor(type=ActorType.USER, id=person),
            )
        ).status
        for person in ("ann", "ben")
    ]  # fmt: skip
    assert (envelope.risk, statuses) == (LOW, [Status.AWAITING_APPROVAL, Status.PENDING])
