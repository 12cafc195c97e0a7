"""Approvals over a direct connection."""

from datetime import datetime
from uuid import UUID

from services.approvals import Approval
from services.database.pool import Pool
from services.database.queries import read_queries
from services.envelope import Envelope
from services.outbox.rows import envelope_from_row

QUERIES = read_queries(__package__)


class PostgresApprovals:
    """See `services.approvals.Approvals`."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def list_open(self, tenant: UUID | None = None, *, envelope: UUID | None = None) -> list[Approval]:
        return [
            Approval(
                id=UUID(row["id"]), envelope=envelope_from_row(row["envelope"]), digest=row["digest"],
                reason=row["reason"], requested_at=datetime.fromisoformat(row["requested_at"]),
                expires_at=datetime.fromisoformat(row["expires_at"]),
            )
            for row in await self._pool.rows(QUERIES["list_open"], tenant, envelope)
        ]  # fmt: skip

    async def decide(
        self, tenant: UUID, envelope: UUID, *, decision: str, digest: str, by: str, reason: str | None = None
    ) -> Envelope:
        row = await self._pool.value(
            "select worker_api.decide_approval($1, $2, $3, $4, $5, $6, $7)",
            tenant, envelope, decision, digest, by, reason, self._pool.as_of(),
        )  # fmt: skip
        return envelope_from_row(row)

    async def expire(self) -> int:
        expired: int = await self._pool.value("select worker_api.expire_approvals($1)", self._pool.as_of())
        return expired
