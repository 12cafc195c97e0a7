"""Do one leased ingestion run, renew its lease meanwhile, and end it with its result.

If the lease is lost or somebody cancels the run, the work stops without an error, and what it stored stays. If the
process is stopped, the lease is given back, and the next worker continues at the cursor.
"""

import asyncio
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Any

from control_plane.apps.autopilot.runs import LeasedRun, Run, RunError, RunFailed, RunKind
from control_plane.apps.autopilot.sources import SourceError
from control_plane.apps.autopilot.sources.logins import Resolve
from control_plane.apps.autopilot.store import runs
from control_plane.apps.autopilot.sync_tickets import sync_tickets
from control_plane.apps.autopilot.train_model import rebuild_model
from control_plane.jobs import log_bug
from services.backends.functions import Functions
from services.envelope import Actor
from services.errors import ControlPlaneError, NotReady, StateConflict
from services.tools.outgoing import AllowedHosts
from services.untrusted import one_line


class RunEnd(StrEnum):
    """How a worker ended its work on a run."""

    COMPLETED = "completed"
    FAILED = "failed"
    LEFT = "left"
    """Somebody cancelled the run, or another worker has it now."""
    POSTPONED = "postponed"
    """Its end could not be recorded, for example because the database was not available. Another worker continues when
    the lease has expired."""


@dataclass(frozen=True, slots=True)
class DoneRun:
    """The result of the work on a run. `problem` says on one line why it failed."""

    end: RunEnd
    problem: str | None = None


async def do_run(
    functions: Functions, leased: LeasedRun, *, resolve: Resolve, allowed_hosts: AllowedHosts, lease_for: timedelta,
    actor: Actor,
) -> DoneRun:  # fmt: skip
    """Do the run and record its end. Raises only CancelledError."""
    work = asyncio.create_task(
        _work(functions, leased, resolve=resolve, allowed_hosts=allowed_hosts, lease_for=lease_for, actor=actor)
    )
    lease = asyncio.create_task(_renew_until_lost(functions, leased.run, lease_for))
    try:
        await asyncio.wait([work, lease], return_when=asyncio.FIRST_COMPLETED)
        return work.result() if work.done() else DoneRun(RunEnd.LEFT)
    except asyncio.CancelledError:
        work.cancel()
        await asyncio.gather(work, return_exceptions=True)
        with suppress(ControlPlaneError):
            await asyncio.shield(runs.renew_run(functions, leased.run, lease_for=timedelta(0)))
        raise
    finally:
        for task in (work, lease):
            task.cancel()
        await asyncio.gather(work, lease, return_exceptions=True)


async def _work(
    functions: Functions, leased: LeasedRun, *, resolve: Resolve, allowed_hosts: AllowedHosts, lease_for: timedelta,
    actor: Actor,
) -> DoneRun:  # fmt: skip
    """Do the run and record its end."""
    run = leased.run
    try:
        try:
            if run.kind is RunKind.SYNC:
                await sync_tickets(
                    functions, leased, resolve=resolve, allowed_hosts=allowed_hosts, lease_for=lease_for, actor=actor
                )
                await runs.start_due_rebuilds(functions, tenant=run.organization_id, actor=actor)
            else:
                await rebuild_model(functions, run, actor=actor)
            await runs.complete_run(functions, run, actor=actor)
            return DoneRun(RunEnd.COMPLETED)
        except Exception as exc:  # a bug that depends on one tenant's tickets must not stop the other runs
            if isinstance(exc, NotReady) or _is_lost(exc):
                raise
            error, detail = describe_failure(exc, run)
            await runs.fail_run(functions, run, error, detail=detail, actor=actor)
            return DoneRun(RunEnd.FAILED, one_line(str(detail.get("problem", error.value))))
    except Exception as exc:
        if _is_lost(exc):
            return DoneRun(RunEnd.LEFT)
        problem = str(exc) if isinstance(exc, ControlPlaneError) else log_bug(exc, run=str(run.id))
        return DoneRun(RunEnd.POSTPONED, problem)


def _is_lost(exc: Exception) -> bool:
    """Whether the run is no longer ours: it was cancelled, or its lease was lost."""
    return isinstance(exc, StateConflict) and exc.what == "run"


def describe_failure(exc: Exception, run: Run) -> tuple[RunError, dict[str, Any]]:
    """The code with which a run ends after this error, and what people can read about it. Logs a bug."""
    match exc:
        case RunFailed():
            return exc.error, dict(exc.detail)
        case SourceError():
            return RunError(exc.code.value), {"problem": exc.detail}
        case ControlPlaneError():
            return RunError.INTERNAL_ERROR, {"problem": one_line(str(exc))}
    return RunError.INTERNAL_ERROR, {"problem": log_bug(exc, run=str(run.id), tenant=str(run.organization_id))}


async def _renew_until_lost(functions: Functions, run: Run, lease_for: timedelta) -> None:
    """Extend the lease until it is lost. While the database does not answer, the lease counts as held."""
    while True:
        await asyncio.sleep(lease_for.total_seconds() / 3)
        try:
            await runs.renew_run(functions, run, lease_for=lease_for)
        except StateConflict:
            return
        except ControlPlaneError:
            continue
