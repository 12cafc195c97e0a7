"""Each change of a tenant's guardrails is a version that people can go back to."""

from datetime import timedelta
from uuid import UUID

import pytest

from services.backends import Backends
from services.envelope import ActorType
from services.errors import NotFound
from services.guardrails import GuardrailSettings
from services.set_guardrails import list_versions, roll_back_guardrails
from tests.builders import NOW, operator
from tests.clock import FakeClock


async def _set(backends: Backends, tenant: UUID, threshold: float, by: str = "olga") -> None:
    settings = GuardrailSettings(tenant_id=tenant, trust_threshold=threshold, scopes={"allowed": ["GMAIL"]})
    await backends.guardrails.save(settings, actor=operator(by))


async def test_each_change_is_a_version_and_a_save_without_a_change_is_none(
    backends: Backends, tenant: UUID, other_tenant: UUID, clock: FakeClock
) -> None:
    await _set(backends, tenant, 0.5)
    await _set(backends, other_tenant, 0.1)
    clock.advance(minutes=1)
    await _set(backends, tenant, 0.7, by="omar")
    await _set(backends, tenant, 0.7, by="oleg")

    versions = await list_versions(backends, tenant)

    assert [(v.version, v.document["trust_threshold"], v.actor.type, v.actor.id, v.created_at) for v in versions] == [
        (2, 0.7, ActorType.OPERATOR, "omar", NOW + timedelta(minutes=1)),
        (1, 0.5, ActorType.OPERATOR, "olga", NOW),
    ]
    policies = await backends.guardrails.policies([tenant, other_tenant])
    assert (policies[tenant].version, policies[other_tenant].version) == (2, 1)


async def test_a_rollback_is_a_new_version_with_the_old_content(backends: Backends, tenant: UUID) -> None:
    await _set(backends, tenant, 0.5)
    await _set(backends, tenant, 0.7)

    settings = await roll_back_guardrails(backends, tenant, 1, actor=operator("olga"))

    newest, _, first = await list_versions(backends, tenant)
    assert (settings.trust_threshold, settings.scopes) == (0.5, {"allowed": ["GMAIL"]})
    assert (newest.version, newest.document) == (3, first.document)


async def test_a_version_that_another_tenant_has_is_unknown(
    backends: Backends, tenant: UUID, other_tenant: UUID
) -> None:
    await _set(backends, other_tenant, 0.5)

    with pytest.raises(NotFound, match="version: there is no version 1"):
        await roll_back_guardrails(backends, tenant, 1, actor=operator("olga"))

    assert await list_versions(backends, tenant) == []
