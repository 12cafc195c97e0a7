"""Start a shadow run: other guardrails also judge a tenant's next envelopes, and the differences are recorded."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

from services.backends import Backends
from services.envelope import Actor
from services.errors import InvalidInput, NotFound
from services.guardrails.validate import parse_settings
from services.shadow_runs import MAX_ENVELOPES, MAX_RUN_TIME, ShadowRun


async def start_shadow(
    backends: Backends,
    tenant: UUID,
    changes: Mapping[str, Any],
    *,
    lasts_for: timedelta,
    max_envelopes: int,
    actor: Actor,
) -> ShadowRun:
    """Start a shadow run. The candidate is the tenant's guardrails with `changes`; it judges each envelope that is
    claimed from now on.

    Raises NotFound, StateConflict if the tenant already has a shadow run, and InvalidInput that names the field.
    """
    if not timedelta(0) < lasts_for <= MAX_RUN_TIME:
        raise InvalidInput("expires_in", f"must be more than 0 and at most {MAX_RUN_TIME.days} days")
    if not 1 <= max_envelopes <= MAX_ENVELOPES:
        raise InvalidInput("max_envelopes", f"must be from 1 to {MAX_ENVELOPES}")
    policy = (await backends.guardrails.policies([tenant])).get(tenant)
    if policy is None:
        raise NotFound("tenant", tenant, field="tenant_id")
    changes = {key: value for key, value in changes.items() if key != "tenant_id"}
    settings = parse_settings(tenant, {**policy.settings.document, **changes})
    return await backends.shadow_runs.start(
        tenant, uuid4(), candidate=settings.document, lasts_for=lasts_for, max_envelopes=max_envelopes, actor=actor
    )
