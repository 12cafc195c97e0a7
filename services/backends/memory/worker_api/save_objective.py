"""Add an objective, or change one."""

from dataclasses import asdict

from services.backends.memory.audit import audit_change
from services.backends.memory.state import State
from services.objectives import Objective


def save_objective(state: State, objective: Objective, *, by: str) -> None:
    """See `services.objectives.Objectives.save`."""
    with state.change() as now:
        before = state.objectives.get((objective.tenant_id, objective.id))
        state.require_tenant(objective.tenant_id)
        state.objectives[objective.tenant_id, objective.id] = objective
        audit_change(
            state, "objectives", tenant=objective.tenant_id, by=by, now=now,
            before=asdict(before) if before else None, after=asdict(objective),
        )  # fmt: skip
