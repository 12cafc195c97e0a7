"""Judging a proposal without writing anything."""

from typing import Any
from uuid import UUID

import pytest

from services.approvals.digest import call_digest
from services.backends import Backends
from services.dry_run import dry_run
from services.errors import InvalidInput
from services.guardrails import Decision
from services.propose import propose
from services.set_guardrails import set_guardrails
from tests.builders import AGENT, NOW, a_tool
from tests.use_cases.actors import MARIA, OLGA

ID = UUID("8d0f8d4e-5f3a-4e1c-9c0e-6a1f0d3b7a11")


def a_proposal(tenant: UUID, **overrides: Any) -> dict[str, Any]:
    return {
        "envelope_id": str(ID), "tenant_id": str(tenant), "tool_slug": "SLACK__chat.post", "external_id": "k1",
        "arguments": {"text": "hello"}, "trust_context": {"score": 0.4}, **overrides,
    }  # fmt: skip


async def test_it_says_what_the_proposal_would_get_and_writes_nothing(backends: Backends, tenant: UUID) -> None:
    tool = a_tool(tenant_id=tenant)
    await backends.catalog.save([tool], actor=OLGA)
    await set_guardrails(backends, tenant, {"trust_threshold": 0.7}, actor=MARIA)
    before = await backends.audit_log.tail(tenant, limit=9)

    found = await dry_run(backends, a_proposal(tenant), actor=AGENT, now=NOW)

    assert (found.decision, found.guardrails_version) == (Decision.NEEDS_APPROVAL, 1)
    assert await backends.audit_log.tail(tenant, limit=9) == before
    assert await backends.outbox.list_envelopes(tenant, status=None, limit=9) == []
    proposed = await propose(backends, a_proposal(tenant), actor=AGENT, clock=lambda: NOW)
    assert (found.verdicts, found.digest) == (proposed.verdicts, call_digest(proposed.envelope, tool))


async def test_an_invalid_proposal_is_refused_as_a_proposal_is(backends: Backends, tenant: UUID) -> None:
    await backends.catalog.save([a_tool(tenant_id=tenant, schema={"required": ["text"]})], actor=OLGA)
    with pytest.raises(InvalidInput, match="arguments"):
        await dry_run(backends, a_proposal(tenant, arguments={}), actor=AGENT, now=NOW)
