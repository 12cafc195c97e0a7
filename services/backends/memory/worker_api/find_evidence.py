"""Find evidence by its keys."""

from collections.abc import Iterable

from services.backends.memory.state import State
from services.evidence import EvidenceKey, StoredEvidence


def find_evidence(state: State, keys: Iterable[EvidenceKey]) -> dict[EvidenceKey, StoredEvidence]:
    """See `services.evidence.EvidenceStore.find`."""
    found = ((key, state.evidence.get(key)) for key in keys)
    return {
        key: StoredEvidence(sha256=evidence.sha256, seen_at=evidence.seen_at)
        for key, evidence in found
        if evidence is not None
    }
