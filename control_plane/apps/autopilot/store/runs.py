"""Start, cancel, lease and end a tenant's ingestion runs."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID

from pydantic import TypeAdapter

from control_plane.apps.autopilot.runs import LeasedRun, Run, RunError
from services.backends.functions import Functions, by
from services.envelope import Actor
from services.errors import NotFound
from services.outbox import PageEnd

_RUN = TypeAdapter(Run)
_RUNS = TypeAdapter(list[Run])
_LEASED = TypeAdapter(LeasedRun | None)


async def start_sync(functions: Functions, tenant: UUID, connection: UUID, *, actor: Actor) -> Run:
    """Start a sync. Raises NotFound, NotAllowed, and StateConflict if the connection is disabled or has an open run."""
    row = await functions.call(
        "autopilot.start_sync", tenant=tenant, connection=connection, **by(actor), as_of=functions.as_of()
    )
    return _RUN.validate_python(row)


async def start_rebuild(functions: Functions, tenant: UUID, *, actor: Actor) -> Run:
    """Start a training. Raises NotAllowed, and StateConflict if such a run is open."""
    row = await functions.call("autopilot.start_rebuild", tenant=tenant, **by(actor), as_of=functions.as_of())
    return _RUN.validate_python(row)


async def start_due_syncs(functions: Functions, *, actor: Actor) -> int:
    """Start the syncs, of all tenants, that are due by their schedule. Returns how many."""
    answer = await functions.call(
        "autopilot.start_due_syncs", actor_id=actor.id, door=actor.door, as_of=functions.as_of()
    )
    return int(answer["started"])


async def start_due_rebuilds(functions: Functions, *, tenant: UUID | None = None, actor: Actor) -> int:
    """Start a training for the tenant, or for all tenants, if it is needed: no model yet, or many tickets without a
    cluster. Returns how many."""
    answer = await functions.call(
        "autopilot.start_due_rebuilds", tenant=tenant, actor_id=actor.id, door=actor.door, as_of=functions.as_of()
    )
    return int(answer["started"])


async def cancel_run(functions: Functions, tenant: UUID, run: UUID, *, actor: Actor) -> Run:
    """Cancel a run; what it stored stays. Raises NotFound, NotAllowed, and StateConflict if it has ended."""
    row = await functions.call("autopilot.cancel_run", tenant=tenant, run=run, **by(actor), as_of=functions.as_of())
    return _RUN.validate_python(row)


async def are_waiting(functions: Functions) -> bool:
    """Whether a sync of any tenant is due, or a run waits for our worker."""
    return bool(await functions.call("autopilot.runs_wait", as_of=functions.as_of()))


async def claim_run(
    functions: Functions, *, lease_for: timedelta, max_per_tenant: int | None = None, actor: Actor
) -> LeasedRun | None:
    """Lease the oldest run that waits for our worker or whose lease expired, of any tenant that has fewer than
    `max_per_tenant` leased runs."""
    row = await functions.call(
        "autopilot.claim_run", worker_id=actor.id, lease_for=lease_for, max_per_tenant=max_per_tenant, door=actor.door,
        as_of=functions.as_of(),
    )  # fmt: skip
    return _LEASED.validate_python(row)


async def renew_run(
    functions: Functions, run: Run, *, lease_for: timedelta, records_estimated: int | None = None
) -> Run:
    """Extend the lease; a lease of 0 gives the run back to other workers. `records_estimated`: about how many
    tickets the run will read. Raises StateConflict if the lease was lost or the run was cancelled."""
    row = await functions.call(
        "autopilot.renew_run", tenant=run.organization_id, run=run.id, lease_token=run.lease_token,
        lease_for=lease_for, records_estimated=records_estimated, as_of=functions.as_of(),
    )  # fmt: skip
    return _RUN.validate_python(row)


async def complete_run(functions: Functions, run: Run, *, actor: Actor) -> Run:
    """End a run as completed. Raises StateConflict if its lease was lost or it was cancelled."""
    return await _finish(functions, run, "completed", None, None, actor=actor)


async def fail_run(
    functions: Functions, run: Run, error: RunError, *, detail: Mapping[str, Any] | None = None, actor: Actor
) -> Run:
    """End a run as failed. Raises InvalidInput, and StateConflict if its lease was lost or it was cancelled."""
    return await _finish(functions, run, "failed", error, detail, actor=actor)


async def read_run(functions: Functions, tenant: UUID, run: UUID) -> Run:
    """One run. Raises NotFound."""
    row = await functions.call("autopilot.read_run", tenant=tenant, run=run)
    if row is None:
        raise NotFound("run", run)
    return _RUN.validate_python(row)


async def list_runs(
    functions: Functions, tenant: UUID, *, connection: UUID | None = None, before: PageEnd | None = None,
    limit: int = 50,
) -> list[Run]:  # fmt: skip
    """A page of the runs of a tenant, or of one connection, the newest first."""
    moment, id_ = before or (None, None)
    rows = await functions.call(
        "autopilot.list_runs", tenant=tenant, connection=connection, max_runs=limit, before=moment, before_id=id_
    )
    return _RUNS.validate_python(rows)


async def _finish(
    functions: Functions, run: Run, status: str, error: str | None, detail: Mapping[str, Any] | None, *, actor: Actor
) -> Run:
    row = await functions.call(
        "autopilot.finish_run", tenant=run.organization_id, run=run.id, lease_token=run.lease_token, status=status,
        error_message=error, error_detail=None if detail is None else dict(detail), actor_id=actor.id,
        door=actor.door, as_of=functions.as_of(),
    )  # fmt: skip
    return _RUN.validate_python(row)


async def forget_runs(functions: Functions, tenant: UUID, *, keep: timedelta, limit: int, actor: Actor) -> int:
    """Delete runs that ended longer ago than `keep`, the oldest first, and at most `limit`. The newest run of each
    connection and its newest completed one stay. Returns how many were deleted."""
    deleted = await functions.call(
        "autopilot.forget_runs", tenant=tenant, keep=keep, max_runs=limit, actor_id=actor.id, door=actor.door,
        as_of=functions.as_of(),
    )  # fmt: skip
    return int(deleted)
