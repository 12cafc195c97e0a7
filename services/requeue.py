"""Give dead letters back to the queue: all that may go, or one that a person names."""

from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID

from services.backends import Backends
from services.envelope import Actor, Envelope
from services.errors import NotFound

CHUNK = 500
"""Dead letters requeued in one transaction."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RequeueResult:
    """Which dead letters went back, or would."""

    envelopes: tuple[Envelope, ...]
    doubtful: int
    """How many stay because their effect may have happened: a person names these one by one."""


async def requeue(
    backends: Backends, tenant: UUID | None, *, limit: int | None, actor: Actor, progress: Callable[[int], None]
) -> RequeueResult:
    """Requeue up to `limit`, the oldest first, a chunk in each transaction; `progress` is told how many so far.

    Those that die again meanwhile wait for the next time. Raises NotFound for an unknown tenant.
    """
    there, doubtful = await _count(backends, tenant)
    most = there - doubtful if limit is None else min(limit, there - doubtful)
    back: list[Envelope] = []
    while len(back) < most:
        chunk = await backends.outbox.requeue(
            tenant=tenant, envelopes=None, limit=min(CHUNK, most - len(back)), actor=actor
        )
        if not chunk:
            break
        back += chunk
        if len(back) < most:
            progress(len(back))
    return RequeueResult(envelopes=tuple(back), doubtful=doubtful)


async def preview_requeue(backends: Backends, tenant: UUID | None, *, limit: int | None) -> RequeueResult:
    """Which ones `requeue` would give back. Raises NotFound for an unknown tenant."""
    there, doubtful = await _count(backends, tenant)
    most = there - doubtful if limit is None else min(limit, there - doubtful)
    letters = await backends.outbox.list_requeueable(tenant, limit=most)
    return RequeueResult(envelopes=tuple(letters), doubtful=doubtful)


async def requeue_one(backends: Backends, tenant: UUID, envelope: UUID, *, actor: Actor) -> Envelope:
    """The one a person names, doubtful or not. Raises NotFound, also for another tenant's; StateConflict when late."""
    back = await backends.outbox.requeue(tenant=tenant, envelopes=[envelope], limit=1, actor=actor)
    if not back:
        raise NotFound("dead letter", envelope, f"tenant {tenant} has no dead letter {envelope}", field="envelope")
    return back[0]


async def _count(backends: Backends, tenant: UUID | None) -> tuple[int, int]:
    """How many dead letters there are, and how many of them are doubtful."""
    statuses = await backends.outbox.status(tenant)
    return sum(status.dlq for status in statuses), sum(status.doubtful for status in statuses)
