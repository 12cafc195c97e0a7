"""List a tenant's signals."""

from uuid import UUID

from services.backends.memory.state import State
from services.evidence import Signal


def list_signals(state: State, tenant: UUID) -> list[Signal]:
    """See `services.evidence.EvidenceStore.list_signals`."""
    signals = [signal for signal in state.signals.values() if signal.tenant_id == tenant]
    return sorted(signals, key=lambda s: (s.tool_slug, s.connected_account_id is None, str(s.connected_account_id)))
