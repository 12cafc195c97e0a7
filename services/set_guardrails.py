"""Read a tenant's guardrails, and change what is named in them."""

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
    """What the tenant allows its agents to do alone. Raises NotFound."""
    policies = await backends.guardrails.policies([tenant])
    if tenant not in policies:
        raise NotFound("tenant", tenant)
    return policies[tenant].settings


async def set_guardrails(
    backends: Backends, tenant: UUID, changes: Mapping[str, Any], *, actor: Actor
) -> GuardrailSettings:
    """Change what is named and keep the rest; what the old ones held is judged again. Returns them as they stand.

    Raises NotFound, and InvalidInput that names the field.
    """
    kept = await read_guardrails(backends, tenant)
    document = {field.name: getattr(kept, field.name) for field in fields(kept) if field.name != "tenant_id"}
    await backends.guardrails.save(parse_settings(tenant, {**document, **changes}), actor=actor)
    return await read_guardrails(backends, tenant)
