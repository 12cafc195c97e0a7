"""Records and messages that could not be processed: list them, dismiss them, and process them again."""

from collections.abc import Sequence
from uuid import UUID

from pydantic import TypeAdapter

from control_plane.apps.autopilot.runs import Failure, FailureState
from services.backends.functions import Functions, by
from services.envelope import Actor
from services.errors import NotFound
from services.outbox import PageEnd

_FAILURE = TypeAdapter(Failure)
_FAILURES = TypeAdapter(list[Failure])


async def list_failures(
    functions: Functions, tenant: UUID, *, run: UUID | None = None, state: FailureState | None = None,
    before: PageEnd | None = None, limit: int = 50,
) -> list[Failure]:  # fmt: skip
    """A page of what could not be processed, the newest first."""
    moment, id_ = before or (None, None)
    rows = await functions.call(
        "autopilot.list_failures", tenant=tenant, run=run, state=state, max_failures=limit, before=moment,
        before_id=id_,
    )  # fmt: skip
    return _FAILURES.validate_python(rows)


async def read_failure(functions: Functions, tenant: UUID, failure: UUID) -> Failure:
    """One failure with its payload. Raises NotFound."""
    row = await functions.call("autopilot.read_failure", tenant=tenant, failure=failure)
    if row is None:
        raise NotFound("failure", failure)
    return _FAILURE.validate_python(row)


async def redrive_failure(functions: Functions, tenant: UUID, failure: UUID, *, actor: Actor) -> Failure:
    """Ask that a failure is processed again. Raises NotFound, NotAllowed, and StateConflict if it was dealt with or
    cannot be processed again."""
    row = await functions.call(
        "autopilot.redrive_failure", tenant=tenant, failure=failure, **by(actor), as_of=functions.as_of()
    )
    return _FAILURE.validate_python(row)


async def dismiss_failure(functions: Functions, tenant: UUID, failure: UUID, *, actor: Actor) -> Failure:
    """Say that nothing is to be done. Raises NotFound, NotAllowed, and StateConflict if it was dealt with."""
    row = await functions.call(
        "autopilot.dismiss_failure", tenant=tenant, failure=failure, **by(actor), as_of=functions.as_of()
    )
    return _FAILURE.validate_python(row)


async def list_redrives(
    functions: Functions, sources: Sequence[str], *, tenant: UUID | None = None, limit: int = 100
) -> list[Failure]:
    """The failures of these queues or connections that wait to be processed again, with their payloads, the oldest
    request first; of all tenants if `tenant` is None."""
    rows = await functions.call("autopilot.list_redrives", sources=list(sources), tenant=tenant, max_failures=limit)
    return _FAILURES.validate_python(rows)


async def end_redrive(
    functions: Functions, failure: Failure, *, code: str | None = None, detail: str = "", actor: Actor
) -> Failure:
    """End what `redrive_failure` asked for: the failure was processed, or it failed again for the reason `code`."""
    row = await functions.call(
        "autopilot.end_redrive", tenant=failure.organization_id, failure=failure.id, code=code,
        detail=detail if code else None, actor_id=actor.id, door=actor.door, as_of=functions.as_of(),
    )  # fmt: skip
    return _FAILURE.validate_python(row)
