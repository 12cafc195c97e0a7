"""List a tenant's objectives."""

from uuid import UUID

from services.backends.memory.state import State
from services.objectives import Objective


def list_objectives(state: State, tenant: UUID) -> list[Objective]:
    """See `services.objectives.Objectives.list_objectives`."""
    objectives = [objective for objective in state.objectives.values() if objective.tenant_id == tenant]
    return sorted(objectives, key=lambda objective: (objective.metric, objective.title, objective.id))
