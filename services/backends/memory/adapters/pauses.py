"""Pauses in memory."""

from datetime import datetime
from uuid import UUID

from services.backends.memory.state import State
from services.backends.memory.worker_api.end_pause import end_pause
from services.backends.memory.worker_api.list_pauses import list_pauses
from services.backends.memory.worker_api.start_pause import start_pause
from services.envelope import Actor
from services.pauses import Pause, PauseKind


class MemoryPauses:
    """See `services.pauses.Pauses`."""

    def __init__(self, state: State) -> None:
        self._state = state

    async def list_pauses(self, tenant: UUID) -> list[Pause]:
        return list_pauses(self._state, tenant)

    async def start(
        self, tenant: UUID, kind: PauseKind, target: str, *, reason: str | None, ends_at: datetime | None, actor: Actor
    ) -> Pause:
        return start_pause(self._state, tenant, kind, target, reason=reason, ends_at=ends_at, actor=actor)

    async def end(self, tenant: UUID, kind: PauseKind, target: str, *, actor: Actor) -> None:
        end_pause(self._state, tenant, kind, target, actor=actor)
