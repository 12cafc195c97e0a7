"""`/v1/autopilot/failures`: records and messages that could not be processed."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query
from pydantic import Field

from control_plane.api.answers import Answer
from control_plane.api.bodies import StrictRoute
from control_plane.api.identity import Person, Reader, TenantId
from control_plane.api.pages import After, Cursors, Limit, Page, page_of
from control_plane.apps.autopilot.runs import FailureState
from control_plane.apps.autopilot.store import failures, functions_of

router = APIRouter(prefix="/v1/autopilot/failures", route_class=StrictRoute, tags=["ingestion failures"])


class FailureAnswer(Answer):
    """A record or message that could not be processed."""

    id: UUID
    source: str = Field(description="The id of the connection, or the queue from which the message came.")
    run_id: UUID | None
    external_id: str | None = Field(description="The number of the ticket, if it is known.", examples=["INC0010001"])
    code: str = Field(examples=["record_too_large"])
    detail: str
    created_at: datetime
    redrive_requested_at: datetime | None = Field(description="Since when it waits to be processed again.")
    redriven_at: datetime | None = Field(description="When it was processed.")
    dismissed_at: datetime | None


class WholeFailureAnswer(FailureAnswer):
    """A failure with the message, if it is one."""

    payload: Any = Field(description="The message; null for a record of a ticket system.")


@router.get("")
async def list_all(
    caller: Reader,
    tenant_id: TenantId = None,
    run_id: Annotated[UUID | None, Query(description="Only the failures of this run.")] = None,
    state: Annotated[FailureState | None, Query(description="Only failures in this state.")] = None,
    limit: Limit = 50,
    after: After = None,
) -> Page[FailureAnswer]:
    """What could not be processed, the newest first."""
    tenant = await caller.known_tenant(tenant_id)
    cursors = Cursors("ingestion failures", tenant, run_id, state)
    rows = await failures.list_failures(
        functions_of(caller.backends), tenant, run=run_id, state=state, before=cursors.read(after), limit=limit + 1
    )
    shown, has_more = page_of(rows, limit)
    return Page(
        items=[FailureAnswer.model_validate(each) for each in shown],
        next=cursors.write((shown[-1].created_at, shown[-1].id)) if has_more else None,
    )


@router.get("/{failure_id}")
async def get(failure_id: UUID, caller: Reader, tenant_id: TenantId = None) -> WholeFailureAnswer:
    """One failure, with the message that could not be processed."""
    found = await failures.read_failure(functions_of(caller.backends), caller.one_tenant(tenant_id), failure_id)
    return WholeFailureAnswer.model_validate(found)


@router.post("/{failure_id}/redrive")
async def redrive(failure_id: UUID, caller: Person, tenant_id: TenantId = None) -> FailureAnswer:
    """Read the ticket again, or process the message again, within seconds. For owners and reviewers.

    409 if that is not possible: the record has no number, or its connection was deleted or disabled. If it fails again,
    the failure is open again, with the new reason.
    """
    asked = await failures.redrive_failure(
        functions_of(caller.backends), caller.one_tenant(tenant_id), failure_id, actor=caller.actor
    )
    return FailureAnswer.model_validate(asked)


@router.post("/{failure_id}/dismiss")
async def dismiss(failure_id: UUID, caller: Person, tenant_id: TenantId = None) -> FailureAnswer:
    """Say that nothing is to be done about a failure. For owners and reviewers."""
    dismissed = await failures.dismiss_failure(
        functions_of(caller.backends), caller.one_tenant(tenant_id), failure_id, actor=caller.actor
    )
    return FailureAnswer.model_validate(dismissed)
