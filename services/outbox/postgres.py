"""The outbox over a direct connection: each verb is one SQL function of `worker_api`."""

from collections.abc import Sequence
from datetime import timedelta
from typing import ClassVar
from uuid import UUID

from services.database.listener import Listener
from services.database.pool import Pool
from services.database.queries import read_queries
from services.envelope import Actor, Envelope, Status
from services.errors import NotFound
from services.outbox import Claimed, Enqueued, Lease, Proposal, QueueStatus, Settlement
from services.outbox.rows import (
    claimed_from_row,
    envelope_from_row,
    proposal_row,
    sent_row,
    settlement_row,
    status_from_row,
)

QUERIES = read_queries(__package__)


class PostgresOutbox:
    """See `services.outbox.Outbox`."""

    can_notify: ClassVar[bool] = True

    def __init__(self, pool: Pool, listener: Listener) -> None:
        self._pool = pool
        self._listener = listener

    async def enqueue(self, proposals: Sequence[Proposal], *, actor: Actor) -> list[Enqueued]:
        rows = await self._pool.rows(
            "select to_jsonb(e) from worker_api.enqueue($1, $2, $3, $4) as e",
            [proposal_row(p) for p in proposals], actor.type, actor.id, self._pool.as_of(),
        )  # fmt: skip
        return [Enqueued(envelope=envelope_from_row(row["envelope"]), created=row["created"]) for row in rows]

    async def claim(
        self, worker_id: str, *, limit: int, lease_for: timedelta, tenant: UUID | None = None
    ) -> list[Claimed]:
        rows = await self._pool.rows(
            "select to_jsonb(c) from worker_api.claim($1, $2, $3, $4, $5) as c",
            worker_id, limit, lease_for, tenant, self._pool.as_of(),
        )  # fmt: skip
        return [claimed_from_row(row) for row in rows]

    async def mark_sent(self, worker_id: str, calls: Sequence[Claimed]) -> frozenset[UUID]:
        return frozenset(
            await self._pool.rows(
                "select * from worker_api.mark_sent($1, $2)", worker_id, [sent_row(call) for call in calls]
            )
        )

    async def heartbeat(self, worker_id: str, *, lease_for: timedelta) -> frozenset[Lease]:
        rows = await self._pool.rows(
            "select to_jsonb(l) from worker_api.heartbeat($1, $2, $3) as l", worker_id, lease_for, self._pool.as_of()
        )
        return frozenset(Lease(UUID(row["tenant_id"]), row["lane"], row["token"]) for row in rows)

    async def settle(self, worker_id: str, settlements: Sequence[Settlement]) -> frozenset[UUID]:
        rows = [settlement_row(settlement) for settlement in settlements]
        return frozenset(
            await self._pool.rows("select * from worker_api.settle($1, $2, $3)", worker_id, rows, self._pool.as_of())
        )

    async def due_in(self, tenant: UUID | None = None) -> timedelta | None:
        waits: timedelta | None = await self._pool.value("select worker_api.due_in($1, $2)", tenant, self._pool.as_of())
        return waits

    async def wait_for_work(self, timeout: timedelta) -> None:  # noqa: ASYNC109  # its end is no error
        await self._listener.wait(timeout)

    async def requeue(
        self, *, tenant: UUID | None, envelopes: Sequence[UUID] | None, limit: int, by: str
    ) -> list[Envelope]:
        rows = await self._pool.rows(
            "select * from worker_api.requeue_dead_letters($1, $2, $3, $4, $5)",
            tenant, envelopes, limit, by, self._pool.as_of(),
        )  # fmt: skip
        return [envelope_from_row(row) for row in rows]

    async def resolve(self, tenant: UUID, envelope: UUID, *, decision: str, by: str, reason: str | None) -> Envelope:
        return envelope_from_row(
            await self._pool.value(
                "select worker_api.resolve_unknown($1, $2, $3, $4, $5, $6)",
                tenant, envelope, decision, by, reason, self._pool.as_of(),
            )
        )  # fmt: skip

    async def cancel(self, tenant: UUID, envelope: UUID, *, actor: Actor, reason: str | None) -> Envelope:
        return envelope_from_row(
            await self._pool.value(
                "select worker_api.cancel($1, $2, $3, $4, $5, $6)",
                tenant, envelope, actor.type, actor.id, reason, self._pool.as_of(),
            )
        )  # fmt: skip

    async def get(self, tenant: UUID, envelope: UUID) -> Envelope:
        row = await self._pool.value(QUERIES["get_envelope"], tenant, envelope)
        if row is None:
            raise NotFound(f"envelope: no {envelope} in tenant {tenant}; see: python -m control_plane envelopes list")
        return envelope_from_row(row)

    async def waits_for(self, tenant: UUID, envelope: UUID) -> Envelope | None:
        row = await self._pool.value(QUERIES["waits_for"], tenant, envelope)
        return None if row is None else envelope_from_row(row)

    async def list_envelopes(self, tenant: UUID | None, *, status: Status | None, limit: int) -> list[Envelope]:
        return [envelope_from_row(r) for r in await self._pool.rows(QUERIES["list_envelopes"], tenant, status, limit)]

    async def list_dead_letters(
        self, tenant: UUID | None, *, limit: int, status: Status | None = None
    ) -> list[Envelope]:
        rows = await self._pool.rows(QUERIES["list_dead_letters"], tenant, limit, status)
        return [envelope_from_row(row) for row in rows]

    async def status(self, tenant: UUID | None = None) -> list[QueueStatus]:
        rows = await self._pool.rows(
            "select to_jsonb(s) from worker_api.queue_status($1, $2) as s", tenant, self._pool.as_of()
        )
        if tenant is not None and not rows:
            raise NotFound(f"tenant: no tenant {tenant}; see: python -m control_plane tenants list")
        return [status_from_row(row) for row in rows]
