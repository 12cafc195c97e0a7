"""Add an objective of a tenant's agents, and change one."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from uuid import UUID, uuid4

from services.backends import Backends
from services.envelope import Actor
from services.errors import InvalidInput, NotFound
from services.objectives import Objective
from services.retry_on_conflict import retry_on_conflict


async def find_objective(backends: Backends, tenant: UUID, objective: UUID) -> Objective:
    """One objective of the tenant. Raises NotFound, also for another tenant's objective."""
    for candidate in await backends.objectives.list_objectives(tenant):
        if candidate.id == objective:
            return candidate
    raise NotFound("objective", objective, f"no objective {objective} in this tenant", field="objective_id")


async def add_objective(
    backends: Backends, tenant: UUID, *, title: str, metric: str, actor: Actor, target: str | None = None,
    horizon: str | None = None, summary: str | None = None,
) -> Objective:  # fmt: skip
    """Add an objective. Raises NotFound for an unknown tenant, InvalidInput with the field."""
    objective = Objective(
        id=uuid4(), tenant_id=tenant, title=title, metric=metric, target=target, horizon=horizon, summary=summary
    )
    await _save(backends, objective, actor)
    return objective


async def change_objective(
    backends: Backends,
    tenant: UUID,
    objective: UUID,
    changes: Mapping[str, str | None],
    *,
    actor: Actor,
    check: Callable[[Objective], None] = lambda _: None,
) -> Objective:
    """Change the fields in `changes` and keep the others. Raises NotFound and InvalidInput.

    `check` gets the objective that is about to be replaced, and may raise an error.
    """

    async def change() -> Objective:
        found = await find_objective(backends, tenant, objective)
        check(found)
        changed = replace(found, **changes)  # type: ignore[arg-type]  # callers pass only names of fields
        await _save(backends, changed, actor, replaces=found)
        return changed

    return await retry_on_conflict(change)


async def _save(backends: Backends, objective: Objective, actor: Actor, replaces: Objective | None = None) -> None:
    for field in ("title", "metric"):
        if not (getattr(objective, field) or "").strip():
            raise InvalidInput(field, "is required and must not be blank")
    await backends.objectives.save(objective, actor=actor, replaces=replaces)
