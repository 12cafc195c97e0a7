"""Delete old evidence that no signal refers to."""

from datetime import timedelta

from services.backends.memory.state import State


def forget_evidence(state: State, *, keep: timedelta, limit: int) -> int:
    """See `services.evidence.EvidenceStore.forget`."""
    with state.change() as now:
        referenced = {(signal.tenant_id, signal.evidence_id) for signal in state.signals.values()}
        old = [
            key for key, evidence in state.evidence.items() if evidence.seen_at < now - keep and key not in referenced
        ]
        for key in old[:limit]:
            del state.evidence[key]
        return len(old[:limit])
