"""Save, read and delete evidence and signals in the database."""

from collections.abc import Iterable, Sequence
from datetime import timedelta
from uuid import UUID

from services.backends.functions import Functions, by
from services.backends.rows.reading import NEVER, Reader
from services.backends.rows.written import as_row
from services.envelope import Actor
from services.evidence import Evidence, EvidenceKey, Reading, SavedReadings, Signal, StoredEvidence

EVIDENCE_READER = Reader(Evidence, content=None, observed_at=NEVER, seen_at=NEVER)
STORED_EVIDENCE_READER = Reader(StoredEvidence, seen_at=NEVER)
SIGNAL_READER = Reader(Signal, value={}, observed_at=NEVER, changed_at=NEVER)


class DatabaseEvidence:
    """See `services.evidence.EvidenceStore`."""

    def __init__(self, functions: Functions) -> None:
        self._functions = functions

    async def save(self, tenant: UUID, readings: Sequence[Reading], *, actor: Actor) -> SavedReadings:
        counts = await self._functions.call(
            "save_readings", tenant=tenant, readings=[as_row(reading) for reading in readings], **by(actor),
            as_of=self._functions.as_of(),
        )  # fmt: skip
        return SavedReadings(**counts)

    async def find(self, keys: Iterable[EvidenceKey]) -> dict[EvidenceKey, StoredEvidence]:
        rows = await self._functions.call("find_evidence", keys=[key._asdict() for key in keys])
        return {EvidenceKey(UUID(row["tenant_id"]), UUID(row["id"])): STORED_EVIDENCE_READER.read(row) for row in rows}

    async def list_evidence(self, tenant: UUID, *, limit: int = 50) -> list[Evidence]:
        rows = await self._functions.call("list_evidence", tenant=tenant, max_rows=limit)
        return list(map(EVIDENCE_READER.read, rows))

    async def list_signals(self, tenant: UUID) -> list[Signal]:
        rows = await self._functions.call("list_signals", tenant=tenant)
        return list(map(SIGNAL_READER.read, rows))

    async def forget(self, *, keep: timedelta, limit: int) -> int:
        deleted: int = await self._functions.call(
            "forget_evidence", keep=keep, max_rows=limit, as_of=self._functions.as_of()
        )
        return deleted
