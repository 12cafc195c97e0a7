"""Evidence and signals in the database."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict
from datetime import timedelta
from typing import Any
from uuid import UUID

from services.backends.database.transport.functions import Functions, by
from services.backends.rows.columns import Columns
from services.envelope import Actor
from services.evidence import Evidence, EvidenceKey, Found, Reading, Saved, Signal


class DatabaseEvidence:
    """See `services.evidence.EvidenceStore`."""

    def __init__(self, functions: Functions) -> None:
        self._functions = functions

    async def save(self, tenant: UUID, readings: Sequence[Reading], *, actor: Actor) -> Saved:
        told = await self._functions.call(
            "save_readings", tenant=tenant, readings=[asdict(reading) for reading in readings], **by(actor),
            as_of=self._functions.as_of(),
        )  # fmt: skip
        return Saved(**told)

    async def find(self, keys: Iterable[EvidenceKey]) -> dict[EvidenceKey, Found]:
        rows = await self._functions.call("find_evidence", keys=[key._asdict() for key in keys])
        return {
            EvidenceKey(UUID(row["tenant_id"]), UUID(row["id"])): Found(
                sha256=row["sha256"], seen_at=Columns(row).moment("seen_at")
            )
            for row in rows
        }

    async def list_evidence(self, tenant: UUID, *, limit: int = 50) -> list[Evidence]:
        return [
            Evidence(
                id=UUID(row["id"]), tenant_id=UUID(row["tenant_id"]), tool_slug=row["tool_slug"],
                connected_account_id=_uuid(row["connected_account_id"]), sha256=row["sha256"],
                content=Columns(row).anything("content"), observed_at=Columns(row).moment("observed_at"),
                seen_at=Columns(row).moment("seen_at"),
            )
            for row in await self._functions.call("list_evidence", tenant=tenant, max_rows=limit)
        ]  # fmt: skip

    async def list_signals(self, tenant: UUID) -> list[Signal]:
        return [
            Signal(
                tenant_id=UUID(row["tenant_id"]), tool_slug=row["tool_slug"],
                connected_account_id=_uuid(row["connected_account_id"]), value=Columns(row).document("value"),
                evidence_id=UUID(row["evidence_id"]), observed_at=Columns(row).moment("observed_at"),
                changed_at=Columns(row).moment("changed_at"),
            )
            for row in await self._functions.call("list_signals", tenant=tenant)
        ]  # fmt: skip

    async def forget(self, *, keep: timedelta, limit: int) -> int:
        gone = await self._functions.call("forget_evidence", keep=keep, max_rows=limit, as_of=self._functions.as_of())
        return int(gone)


def _uuid(value: Any) -> UUID | None:
    return None if value is None else UUID(value)
