"""List a tenant's evidence."""

from uuid import UUID

from services.backends.memory.state import State
from services.evidence import Evidence


def evidence_of(state: State, tenant: UUID) -> list[Evidence]:
    """All evidence of a tenant, in no particular order."""
    return [evidence for evidence in state.evidence.values() if evidence.tenant_id == tenant]
