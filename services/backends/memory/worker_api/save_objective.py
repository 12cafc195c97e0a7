"""Insert or update an objective."""

from dataclasses import asdict

from services.backends.memory.audit import audit_change
from services.backends.memory.check_texts import actor_texts, check_texts
from services.backends.memory.column_rules import check_text
from services.backends.memory.state import State
from services.envelope import Actor
from services.errors import StateConflict
from services.objectives import Objective

TEXTS = {"title": 16_384, "metric": 1024, "target": 16_384, "horizon": 16_384, "summary": 65_536}
"""The largest size of each column, in bytes."""


def save_objective(state: State, objective: Objective, *, actor: Actor, replaces: Objective | None) -> None:
    """See `services.objectives.Objectives.save`."""
    check_texts(**actor_texts(actor))
    with state.change() as now:
        before = state.objectives.get((objective.tenant_id, objective.id))
        state.require_tenant(objective.tenant_id)
        for field, at_most in TEXTS.items():
            check_text(field, getattr(objective, field), at_most)
        if replaces is not None and before != replaces:
            raise StateConflict("objective", "has changed since you read it; read it again")
        state.objectives[objective.tenant_id, objective.id] = objective
        audit_change(
            state, "objectives", tenant=objective.tenant_id, by=actor, now=now,
            before=asdict(before) if before else None, after=asdict(objective),
        )  # fmt: skip
