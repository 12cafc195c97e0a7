"""Keep the versions of guardrails, like the trigger `db/functions/app_private/add_guardrail_version.sql`."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

from services.backends.memory.state import State
from services.envelope import Actor
from services.guardrails import GuardrailVersion
from services.jsonb import is_equal


def latest_version(state: State, tenant: UUID) -> int:
    """The number of the tenant's latest version; 0 if there is none."""
    return max((number for owner, number in state.guardrail_versions if owner == tenant), default=0)


def add_guardrail_version(state: State, tenant: UUID, document: Mapping[str, Any], actor: Actor, now: datetime) -> None:
    """Add the next version if the content has changed."""
    number = latest_version(state, tenant)
    latest = state.guardrail_versions.get((tenant, number))
    if latest is None or not is_equal(latest.document, document):
        state.guardrail_versions[tenant, number + 1] = GuardrailVersion(
            tenant_id=tenant, version=number + 1, document=document, actor=replace(actor, door=None), created_at=now
        )
