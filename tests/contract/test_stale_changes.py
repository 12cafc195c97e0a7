"""A change that names the state that its author saw is refused if there is another one now."""

from dataclasses import replace
from uuid import UUID, uuid4

import pytest

from services.backends import Backends
from services.errors import StateConflict
from services.guardrails import GuardrailSettings
from services.objectives import Objective
from tests.builders import operator

OLGA = operator("olga")


async def test_stale_guardrails_replace_nothing(backends: Backends, tenant: UUID, other_tenant: UUID) -> None:
    guardrails = backends.guardrails
    first = GuardrailSettings(tenant_id=tenant, trust_threshold=0.5)
    await guardrails.save(GuardrailSettings(tenant_id=other_tenant, trust_threshold=0.1), actor=OLGA)
    await guardrails.save(first, actor=OLGA, replaces=0)

    with pytest.raises(StateConflict, match="guardrails: have changed since you read them"):
        await guardrails.save(replace(first, trust_threshold=0.9), actor=OLGA, replaces=0)
    assert (await guardrails.policies([tenant]))[tenant].settings == first

    await guardrails.save(replace(first, trust_threshold=0.7), actor=OLGA, replaces=1)
    assert (await guardrails.policies([tenant]))[tenant].version == 2


async def test_a_stale_objective_replaces_nothing(backends: Backends, tenant: UUID) -> None:
    objectives = backends.objectives
    first = Objective(id=uuid4(), tenant_id=tenant, title="Answer", metric="hours")
    await objectives.save(first, actor=OLGA)
    second = replace(first, target="below 8")
    await objectives.save(second, actor=OLGA, replaces=first)

    for missing in (first, replace(second, horizon="May")):
        with pytest.raises(StateConflict, match="objective: has changed since you read it"):
            await objectives.save(replace(first, title="Ask"), actor=OLGA, replaces=missing)
    assert await objectives.list_objectives(tenant) == [second]


async def test_an_objective_that_is_not_there_is_not_replaced(backends: Backends, tenant: UUID) -> None:
    never = Objective(id=uuid4(), tenant_id=tenant, title="Answer", metric="hours")
    with pytest.raises(StateConflict):
        await backends.objectives.save(never, actor=OLGA, replaces=never)
    assert await backends.objectives.list_objectives(tenant) == []
