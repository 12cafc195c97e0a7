"""Reading and changing guardrail settings."""

from uuid import UUID, uuid4

import pytest

from services.backends import Backends
from services.errors import InvalidInput, NotFound, StateConflict
from services.set_guardrails import read_guardrails, read_policy, replace_guardrails, set_guardrails
from tests.use_cases.actors import MARIA, last_act


async def test_settings_that_are_not_named_stay(backends: Backends, tenant: UUID) -> None:
    await set_guardrails(backends, tenant, {"trust_threshold": 0.7, "require_evidence": True}, actor=MARIA)
    settings = await set_guardrails(backends, tenant, {"trust_threshold": 0.5}, actor=MARIA)
    assert (settings.trust_threshold, settings.require_evidence) == (0.5, True)
    assert await read_guardrails(backends, tenant) == settings
    assert (await last_act(backends, tenant))[1:] == (MARIA.type, MARIA.id)


async def test_an_invalid_setting_is_refused_with_its_field_and_nothing_changes(
    backends: Backends, tenant: UUID
) -> None:
    before = await read_guardrails(backends, tenant)
    with pytest.raises(InvalidInput) as caught:
        await set_guardrails(backends, tenant, {"trust_threshold": 2, "require_evidence": True}, actor=MARIA)
    assert caught.value.field == "trust_threshold"
    assert await read_guardrails(backends, tenant) == before


async def test_settings_are_replaced_whole_unless_they_have_changed_since_they_were_read(
    backends: Backends, tenant: UUID
) -> None:
    assert (await read_policy(backends, tenant)).version == 0
    await replace_guardrails(backends, tenant, {"trust_threshold": 0.7}, replaces=0, actor=MARIA)
    policy = await read_policy(backends, tenant)
    assert (policy.version, policy.settings.trust_threshold) == (1, 0.7)
    with pytest.raises(StateConflict, match="have changed since you read them"):
        await replace_guardrails(backends, tenant, {"trust_threshold": 0.9}, replaces=0, actor=MARIA)
    await replace_guardrails(backends, tenant, {"require_evidence": True}, replaces=1, actor=MARIA)
    policy = await read_policy(backends, tenant)
    assert (policy.version, policy.settings.trust_threshold, policy.settings.require_evidence) == (2, 0.0, True)


async def test_an_unknown_tenant_is_not_found(backends: Backends) -> None:
    with pytest.raises(NotFound) as caught:
        await set_guardrails(backends, uuid4(), {}, actor=MARIA)
    assert caught.value.what == "tenant"
