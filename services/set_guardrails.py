"""Read a tenant's guardrail settings, change some or all of them, and go back to an earlier version."""

from collections.abc import Callable, Mapping
from typing import Any
from uuid import UUID

from services.backends import Backends
from services.envelope import Actor
from services.errors import NotFound
from services.guardrails import GuardrailSettings, GuardrailVersion, Policy
from services.guardrails.validate import parse_settings
from services.retry_on_conflict import retry_on_conflict


async def read_guardrails(backends: Backends, tenant: UUID) -> GuardrailSettings:
    """The tenant's guardrail settings. Raises NotFound."""
    return (await read_policy(backends, tenant)).settings


async def read_policy(backends: Backends, tenant: UUID) -> Policy:
    """The settings with their version, and whether they can be read. Raises NotFound."""
    policies = await backends.guardrails.policies([tenant])
    if tenant not in policies:
        raise NotFound("tenant", tenant)
    return policies[tenant]


async def replace_guardrails(
    backends: Backends, tenant: UUID, document: Mapping[str, Any], *, replaces: int, actor: Actor
) -> None:
    """Set all settings. Held envelopes are judged again.

    Raises StateConflict if the current version is not `replaces`, and InvalidInput with every field that is wrong.
    """
    await backends.guardrails.save(parse_settings(tenant, document), actor=actor, replaces=replaces)


async def set_guardrails(
    backends: Backends,
    tenant: UUID,
    changes: Mapping[str, Any],
    *,
    actor: Actor,
    check: Callable[[GuardrailSettings], None] = lambda _: None,
) -> GuardrailSettings:
    """Change the settings in `changes`, keep the others, and return all. Held envelopes are judged again.

    `check` sees the settings that are about to be replaced, and may raise. Raises NotFound, and InvalidInput with the
    field.
    """

    async def change() -> None:
        policy = await read_policy(backends, tenant)
        check(policy.settings)
        settings = parse_settings(tenant, {**policy.settings.document, **changes})
        await backends.guardrails.save(settings, actor=actor, replaces=policy.version)

    await retry_on_conflict(change)
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
