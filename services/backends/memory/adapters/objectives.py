"""Objectives in memory."""

from uuid import UUID

from services.backends.memory.state import State
from services.backends.memory.worker_api.list_objectives import list_objectives
from services.backends.memory.worker_api.read_progress import read_progress
from services.backends.memory.worker_api.save_objective import save_objective
from services.envelope import Actor
from services.objectives import Objective, Progress


class MemoryObjectives:
    """See `services.objectives.Objectives`."""

    def __init__(self, state: State) -> None:
        self._state = state

    async def list_objectives(self, tenant: UUID) -> list[Objective]:
        return list_objectives(self._state, tenant)

    async def progress(self, tenant: UUID) -> list[Progress]:
        return read_progress(self._state, tenant)

    async def save(self, objective: Objective, *, actor: Actor, replaces: Objective | None = None) -> None:
        save_objective(self._state, objective, actor=actor, replaces=replaces)
