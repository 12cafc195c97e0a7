"""Store the tickets that a run read."""

from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import TypeAdapter

from control_plane.apps.autopilot.runs import Run, StoredBatch
from control_plane.apps.autopilot.values import Ticket, TicketProblem
from services.backends.functions import Functions
from services.envelope import Actor

MAX_BATCH = 1000
"""How many tickets fit into one batch."""
_TICKETS = TypeAdapter(list[Ticket])
_PROBLEMS = TypeAdapter(list[TicketProblem])
_STORED = TypeAdapter(StoredBatch)


async def store_tickets(
    functions: Functions, run: Run, tickets: Sequence[Ticket], problems: Sequence[TicketProblem] = (), *,
    cursor: Mapping[str, Any] | None = None, records_estimated: int | None = None, actor: Actor,
) -> StoredBatch:  # fmt: skip
    """Store the next batch of a leased run with the cursor behind it, all or nothing. `run` is the run as the last call
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
