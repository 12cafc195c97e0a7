"""Read a tenant's guardrail settings, and change some of them."""

from collections.abc import Mapping
from dataclasses import fields
from typing import Any
from uuid import UUID

from services.backends import Backends
from services.envelope import Actor
from services.errors import NotFound
from services.guardrails import GuardrailSettings
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
