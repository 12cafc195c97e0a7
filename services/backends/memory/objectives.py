"""Objectives in memory."""

from dataclasses import asdict
from uuid import UUID

from services.backends.memory.audit import audit_change
from services.backends.memory.check_texts import check_texts
from services.backends.memory.state import State
from services.envelope import Actor
from services.objectives import Objective


@check_texts
class MemoryObjectives:
    """See `services.objectives.Objectives`."""

    def __init__(self, state: State) -> None:
        self._state = state

    async def list_objectives(self, tenant: UUID) -> list[Objective]:
        mine = [objective for objective in self._state.objectives.values() if objective.tenant_id == tenant]
        return sorted(mine, key=lambda objective: (objective.metric, objective.title, objective.id))

    async def save(self, objective: Objective, *, actor: Actor) -> None:
        with self._state.change() as now:
            before = self._state.objectives.get((objective.tenant_id, objective.id))
            self._state.require_tenant(objective.tenant_id)
            self._state.objectives[objective.tenant_id, objective.id] = objective
            audit_change(
                self._state, "objectives", tenant=objective.tenant_id, by=actor, now=now,
                before=asdict(before) if before else None, after=asdict(objective),
            )  # fmt: skip
