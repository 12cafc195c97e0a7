"""Count the envelopes that name each objective of a tenant."""

from uuid import UUID

from services.backends import Backends
from services.objectives import Objective, Progress
from services.set_objective import find_objective


async def read_progress(
    backends: Backends, tenant: UUID, objective: UUID | None = None
) -> list[tuple[Objective, Progress]]:
    """Each objective of the tenant, or only `objective`, with its progress. Sorted by metric and title.

    Raises NotFound for an objective that the tenant does not have.
    """
    if objective is None:
        objectives = await backends.objectives.list_objectives(tenant)
    else:
        objectives = [await find_objective(backends, tenant, objective)]
    by_objective = {progress.objective_id: progress for progress in await backends.objectives.progress(tenant)}
    return [(objective, by_objective.get(objective.id) or _no_progress(objective)) for objective in objectives]


def _no_progress(objective: Objective) -> Progress:
    return Progress(objective_id=objective.id, counts={}, last_activity_at=None)
