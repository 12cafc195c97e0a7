"""Store the tickets that a run read, and read their texts."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic import TypeAdapter

from control_plane.apps.autopilot.runs import Run, StoredBatch
from control_plane.apps.autopilot.values import Ticket, TicketProblem
from services.backends.functions import Functions
from services.envelope import Actor


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredId:
    """The numbers of a stored ticket."""

    id: UUID
    key: str
    """The number under which it is stored."""
    external_id: str
    """The number in the ticket system: without the prefix that a second connection's ticket gets."""
    is_vanished: bool


MAX_TEXTS = 500
"""How many texts are read at once."""
MAX_BATCH = 1000
"""How many tickets fit into one batch."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredText:
    """The text of a stored ticket."""

    id: UUID
    subject: str
    description: str
    """Cut if it is very long."""
    content_hash: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PlacedText(StoredText):
    """The text of a ticket and its present cluster."""

    cluster_id: UUID | None
    at: datetime
    """When the ticket was opened."""


_PLACED = TypeAdapter(list[PlacedText])
_TEXTS = TypeAdapter(list[StoredText])
_TICKETS = TypeAdapter(list[Ticket])
_PROBLEMS = TypeAdapter(list[TicketProblem])
_STORED = TypeAdapter(StoredBatch)
_TOTALS: TypeAdapter[Mapping[str, int] | None] = TypeAdapter(Mapping[str, int] | None)
_STORED_IDS = TypeAdapter(list[StoredId])


async def store_tickets(
    functions: Functions, run: Run, tickets: Sequence[Ticket], problems: Sequence[TicketProblem] = (), *,
    cursor: Mapping[str, Any] | None = None, records_estimated: int | None = None, actor: Actor,
) -> StoredBatch:  # fmt: skip
    """Store the next batch of a leased run with the cursor after it, all or nothing. `run` is the run as the last call
    returned it. A ticket that cannot be stored becomes a failure. Raises StateConflict if the lease was lost or the
    run was cancelled."""
    answer = await functions.call(
        "autopilot.store_tickets", tenant=run.organization_id, run=run.id, lease_token=run.lease_token,
        batch=run.batches + 1, tickets=_TICKETS.dump_python(list(tickets), mode="json"),
        problems=_PROBLEMS.dump_python(list(problems), mode="json"),
        cursor=None if cursor is None else dict(cursor), records_estimated=records_estimated, actor_id=actor.id,
        door=actor.door, as_of=functions.as_of(),
    )  # fmt: skip
    return _STORED.validate_python(answer)


async def list_tickets_to_classify(functions: Functions, tenant: UUID, *, after: UUID) -> list[StoredText]:
    """The next tickets whose cluster is to be found, by id: at most 500, and about 4 MB of text. The first page comes
    after `UUID(int=0)`."""
    rows = await functions.call("autopilot.list_tickets_to_classify", tenant=tenant, after=after)
    return _TEXTS.validate_python(rows)


async def list_stored_ids(
    functions: Functions, tenant: UUID, connection: UUID, *, after: str = "", limit: int = 10_000
) -> list[StoredId]:
    """A page of the tickets of a connection, sorted by `key`. `after` is the last key of the page before."""
    rows = await functions.call(
        "autopilot.list_stored_ids", tenant=tenant, connection=connection, after=after, max_tickets=limit
    )
    return _STORED_IDS.validate_python(rows)


async def mark_vanished(
    functions: Functions, run: Run, *, vanished: Sequence[UUID], present: Sequence[UUID], is_last: bool, actor: Actor
) -> int:
    """Mark tickets that the ticket system no longer has, or has again. `is_last`: all tickets were compared. Returns
    how many changed. Raises StateConflict if the lease was lost or the run was cancelled."""
    answer = await functions.call(
        "autopilot.mark_vanished", tenant=run.organization_id, run=run.id, lease_token=run.lease_token,
        vanished=list(vanished), present=list(present), is_last=is_last, actor_id=actor.id, door=actor.door,
        as_of=functions.as_of(),
    )  # fmt: skip
    return int(answer["marked"])


async def list_texts(
    functions: Functions, tenant: UUID, *, cluster: UUID | None = None, before: PlacedText | None = None
) -> list[PlacedText]:
    """The texts of all tickets, or of those of a cluster, the newest first, after the ticket `before`: at most 500, and
    about 4 MB of text."""
    rows = await functions.call(
        "autopilot.list_texts", tenant=tenant, cluster=cluster, before_at=before.at if before else None,
        before_id=before.id if before else None,
    )  # fmt: skip
    return _PLACED.validate_python(rows)


async def read_texts(functions: Functions, tenant: UUID, ids: Sequence[UUID]) -> list[PlacedText]:
    """The texts of these tickets, as far as they exist."""
    texts: list[PlacedText] = []
    for start in range(0, len(ids), MAX_TEXTS):
        part = list(ids[start : start + MAX_TEXTS])
        page = await functions.call("autopilot.list_texts", tenant=tenant, tickets=part)
        while page:
            texts += (read := _PLACED.validate_python(page))
            if len(texts) - start >= len(part):
                break
            page = await functions.call(
                "autopilot.list_texts", tenant=tenant, tickets=part, before_at=read[-1].at, before_id=read[-1].id
            )
    return texts


async def missing_tickets(functions: Functions, tenant: UUID) -> Mapping[str, int] | None:
    """If the tenant has no active model and too few tickets for one: `current_total_tickets` and
    `needed_total_tickets`. Else None."""
    return _TOTALS.validate_python(await functions.call("autopilot.missing_tickets", tenant=tenant))
