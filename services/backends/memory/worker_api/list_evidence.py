"""List a tenant's evidence, the last seen first."""

from uuid import UUID

from services.backends.memory.evidence import evidence_of
from services.backends.memory.state import State
from services.evidence import Evidence


def list_evidence(state: State, tenant: UUID, *, limit: int) -> list[Evidence]:
    """See `services.evidence.EvidenceStore.list_evidence`."""
    by_id = sorted(evidence_of(state, tenant), key=lambda evidence: evidence.id)
    return sorted(by_id, key=lambda evidence: evidence.seen_at, reverse=True)[:limit]
