"""Read a tenant's guardrail settings, change some of them, and go back to an earlier version."""

from collections.abc import Mapping
from dataclasses import fields
from typing import Any
from uuid import UUID

from services.backends import Backends
from services.envelope import Actor
from services.errors import NotFound
from services.guardrails import GuardrailSettings, GuardrailVersion
from services.guardrails.validate import parse_settings


async def read_guardrails(backends: Backends, tenant: UUID) -> GuardrailSettings:
    """The tenant's guardrail settings. Raises NotFound."""
    policies = await backends.guardrails.policies([tenant])
    if tenant not in policies:
        raise NotFound("tenant", tenant)
    return policies[tenant].settings


async def set_guardrails(
    backends: Backends, tenant: UUID, changes: Mapping[str, Any], *, actor: Actor
) -> GuardrailSettings:
    """Change the settings in `changes`, keep the others, and return all. Held envelopes are judged again.

    Raises NotFound, and InvalidInput with the field.
    """
    settings = await read_guardrails(backends, tenant)
    document = {field.name: getattr(settings, field.name) for field in fields(settings) if field.name != "tenant_id"}
    await backends.guardrails.save(parse_settings(tenant, {**document, **changes}), actor=actor)
    return await read_guardrails(backends, tenant)


async def list_versions(backends: Backends, tenant: UUID, *, limit: int = 50) -> list[GuardrailVersion]:
    """The versions of a tenant's settings, the newest first. Raises NotFound for an unknown tenant."""
    await backends.tenants.get(tenant)
    return await backends.guardrails.list_versions(tenant, limit=limit)


async def roll_back_guardrails(backends: Backends, tenant: UUID, version: int, *, actor: Actor) -> GuardrailSettings:
    """Set the content of an earlier version, as a new version, and return it. Held envelopes are judged again.

    Raises NotFound, and InvalidInput if the rules for guardrails no longer allow that content.
    """
    found = await backends.guardrails.list_versions(tenant, limit=1, version=version)
    if not found:
        raise NotFound("guardrail version", version, f"there is no version {version}", field="version")
    await backends.guardrails.save(parse_settings(tenant, found[0].document), actor=actor)
    return await read_guardrails(backends, tenant)
