"""The versions of a tenant's guardrails."""

from uuid import UUID

from services.backends.memory.state import State
from services.guardrails import GuardrailVersion


def list_guardrail_versions(state: State, tenant: UUID, *, limit: int, version: int | None) -> list[GuardrailVersion]:
    """See `services.guardrails.Guardrails.list_versions`."""
    found = [row for key, row in state.guardrail_versions.items() if key[0] == tenant and version in (None, key[1])]
    return sorted(found, key=lambda row: -row.version)[: min(limit, 1000)]
