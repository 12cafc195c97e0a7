"""List, start and end pauses in the database."""

from datetime import datetime
from uuid import UUID

from services.backends.functions import Functions, by
from services.backends.rows.guardrails import PAUSE_READER
from services.envelope import Actor
from services.pauses import Pause, PauseKind


class DatabasePauses:
    """See `services.pauses.Pauses`."""

    def __init__(self, functions: Functions) -> None:
        self._functions = functions

    async def list_pauses(self, tenant: UUID) -> list[Pause]:
        rows = await self._functions.call("list_pauses", tenant=tenant, as_of=self._functions.as_of())
        return [PAUSE_READER.read(row) for row in rows]

    async def start(
        self, tenant: UUID, kind: PauseKind, target: str, *, reason: str | None, ends_at: datetime | None, actor: Actor
    ) -> Pause:
        row = await self._functions.call(
            "start_pause", tenant=tenant, kind=kind, target=target, reason=reason, ends_at=ends_at, **by(actor),
            as_of=self._functions.as_of(),
        )  # fmt: skip
        return PAUSE_READER.read(row)

    async def end(self, tenant: UUID, kind: PauseKind, target: str, *, actor: Actor) -> None:
        await self._functions.call(
            "end_pause", tenant=tenant, kind=kind, target=target, **by(actor), as_of=self._functions.as_of()
        )
