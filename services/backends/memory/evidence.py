"""List a tenant's evidence."""

from uuid import UUID

from services.backends.memory.state import State
from services.evidence import Evidence


def evidence_of(state: State, tenant: UUID) -> list[Evidence]:
    """All evidence of a tenant, in no particular order."""
    return [each for each in state.evidence.values() if each.tenant_id == tenant]
