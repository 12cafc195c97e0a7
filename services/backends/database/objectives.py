"""List and save objectives in the database."""

from dataclasses import asdict
from uuid import UUID

from services.backends.functions import Functions, by
from services.backends.rows.reading import NEVER, Reader
from services.envelope import Actor
from services.objectives import Objective, Progress

PROGRESS_READER = Reader(Progress, last_activity_at=NEVER)


class DatabaseObjectives:
    """See `services.objectives.Objectives`."""

    def __init__(self, functions: Functions) -> None:
        self._functions = functions

    async def list_objectives(self, tenant: UUID) -> list[Objective]:
        return [
            Objective(
                id=UUID(row["id"]), tenant_id=UUID(row["tenant_id"]), title=row["title"], metric=row["metric"],
                target=row["target"], horizon=row["horizon"], summary=row["summary"],
            )
            for row in await self._functions.call("list_objectives", tenant=tenant)
        ]  # fmt: skip

    async def progress(self, tenant: UUID) -> list[Progress]:
        return [PROGRESS_READER.read(row) for row in await self._functions.call("read_progress", tenant=tenant)]

    async def save(self, objective: Objective, *, actor: Actor, replaces: Objective | None = None) -> None:
        await self._functions.call(
            "save_objective", objective=asdict(objective), replaces=asdict(replaces) if replaces else None,
            **by(actor), as_of=self._functions.as_of(),
        )  # fmt: skip
