"""Evidence and signals in memory."""

from collections.abc import Iterable, Sequence
from datetime import timedelta
from uuid import UUID

from services.backends.memory.state import State
from services.backends.memory.worker_api.find_evidence import find_evidence
from services.backends.memory.worker_api.forget_evidence import forget_evidence
from services.backends.memory.worker_api.list_evidence import list_evidence
from services.backends.memory.worker_api.list_signals import list_signals
from services.backends.memory.worker_api.save_readings import save_readings
from services.envelope import Actor
from services.evidence import Evidence, EvidenceKey, Reading, SavedReadings, Signal, StoredEvidence


class MemoryEvidence:
    """See `services.evidence.EvidenceStore`."""

    def __init__(self, state: State) -> None:
        self._state = state

    async def save(self, tenant: UUID, readings: Sequence[Reading], *, actor: Actor) -> SavedReadings:
        return save_readings(self._state, tenant, readings, actor=actor)

    async def find(self, keys: Iterable[EvidenceKey]) -> dict[EvidenceKey, StoredEvidence]:
        return find_evidence(self._state, keys)

    async def list_evidence(self, tenant: UUID, *, limit: int = 50) -> list[Evidence]:
        return list_evidence(self._state, tenant, limit=limit)

    async def list_signals(self, tenant: UUID) -> list[Signal]:
        return list_signals(self._state, tenant)

    async def forget(self, *, keep: timedelta, limit: int) -> int:
        return forget_evidence(self._state, keep=keep, limit=limit)
