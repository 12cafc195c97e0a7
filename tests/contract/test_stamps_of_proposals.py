"""A proposal that names the stamps with which it was checked is enqueued only while they are current."""

from dataclasses import replace
from uuid import UUID

import pytest

from services.backends import Backends
from services.errors import StateConflict
from services.guardrails import GuardrailSettings
from services.list_envelopes import list_envelopes
from services.stamps import Stamps
from tests.builders import AGENT, a_tool, operator
from tests.contract.builders import a_proposal

OLGA = operator("olga")
OTHER_TOOL = "ORDERS__create"


@pytest.fixture
async def stamps(backends: Backends, tenant: UUID) -> Stamps:
    tools = [a_tool(tenant_id=tenant), a_tool(tenant_id=tenant, tool_slug=OTHER_TOOL)]
    await backends.catalog.save(tools, actor=OLGA)
    return await backends.guardrails.stamps(tenant, [tool.tool_slug for tool in tools])


async def test_with_current_stamps_it_is_as_enqueue(backends: Backends, tenant: UUID, stamps: Stamps) -> None:
    proposals = [a_proposal(tenant), a_proposal(tenant, tool_slug=OTHER_TOOL)]
    first = await backends.outbox.enqueue_if_current(proposals, actor=AGENT, stamps=stamps)
    assert first is not None
    assert [(each.envelope.id, each.created) for each in first] == [(each.id, True) for each in proposals]

    repeated = a_proposal(tenant, external_id=proposals[0].external_id)
    again = await backends.outbox.enqueue_if_current([repeated], actor=AGENT, stamps=stamps)
    assert again is not None
    assert [(each.envelope.id, each.created) for each in again] == [(proposals[0].id, False)]
    other = replace(repeated, arguments={"text": "other"})
    with pytest.raises(StateConflict, match="external_id"):
        await backends.outbox.enqueue_if_current([other], actor=AGENT, stamps=stamps)


@pytest.mark.parametrize("changed", ["policy", "tool", "another version"])
async def test_with_a_stamp_that_has_changed_nothing_is_written(
    backends: Backends, tenant: UUID, stamps: Stamps, changed: str
) -> None:
    if changed == "policy":
        await backends.guardrails.save(GuardrailSettings(tenant_id=tenant, trust_threshold=0.9), actor=OLGA)
    else:
        version = "9" if changed == "another version" else a_tool().version
        tool = a_tool(tenant_id=tenant, tool_slug=OTHER_TOOL, version=version, schema={"type": "object"})
        await backends.catalog.save([tool], actor=OLGA)
    rows = await backends.audit_log.tail(tenant, limit=1)

    proposals = [a_proposal(tenant), a_proposal(tenant, tool_slug=OTHER_TOOL)]
    assert await backends.outbox.enqueue_if_current(proposals, actor=AGENT, stamps=stamps) is None
    assert await list_envelopes(backends, tenant, status=None, limit=1) == []
    assert await backends.audit_log.tail(tenant, limit=1) == rows


async def test_the_stamps_of_other_tools_do_not_matter(backends: Backends, tenant: UUID, stamps: Stamps) -> None:
    await backends.catalog.save([a_tool(tenant_id=tenant, tool_slug=OTHER_TOOL, version="9")], actor=OLGA)
    mine = Stamps(policy=stamps.policy, tools={a_tool().tool_slug: stamps.tools[a_tool().tool_slug]})
    assert await backends.outbox.enqueue_if_current([a_proposal(tenant)], actor=AGENT, stamps=mine)
