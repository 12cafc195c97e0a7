"""Objectives over a direct connection."""

from dataclasses import asdict
from uuid import UUID

from services.database.pool import Pool
from services.database.queries import read_queries
from services.objectives import Objective

QUERIES = read_queries(__package__)


class PostgresObjectives:
    """See `services.objectives.Objectives`."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def list_objectives(self, tenant: UUID) -> list[Objective]:
        return [
            Objective(
                id=UUID(row["id"]), tenant_id=UUID(row["tenant_id"]), title=row["title"], metric=row["metric"],
                target=row["target"], horizon=row["horizon"], summary=row["summary"],
            )
            for row in await self._pool.rows(QUERIES["list_objectives"], tenant)
        ]  # fmt: skip

    async def save(self, objective: Objective, *, by: str) -> None:
        await self._pool.value(
            "select worker_api.save_objective($1, $2, $3)", asdict(objective), by, self._pool.as_of()
        )
